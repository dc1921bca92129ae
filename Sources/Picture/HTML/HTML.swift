import Terminal

/// HTML that escapes text. Literals are taken as they are; an interpolated text is escaped, unless
/// it is HTML itself.
package struct HTML: ExpressibleByStringInterpolation, Sendable {
  package private(set) var source: String

  package init(stringLiteral source: String) { self.source = source }

  /// Text that is HTML already, and none from outside.
  init(literal source: String) { self.source = source }

  package init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  package static let nothing: HTML = ""

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      source.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { source += literal }

    package mutating func appendInterpolation(_ html: HTML) { source += html.source }

    package mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { source += part.source }
    }

    /// A number as markup needs it, without commas.
    package mutating func appendInterpolation(plain number: Int) { source += String(number) }

    package mutating func appendInterpolation(_ number: Int) { source += grouped(number) }

    /// Invisible characters are made visible, so that they cannot reorder or hide the text around
    /// them.
    package mutating func appendInterpolation(_ text: String) {
      for scalar in printable(text).unicodeScalars {
        switch scalar {
        case "&": source += "&amp;"
        case "<": source += "&lt;"
        case ">": source += "&gt;"
        case "\"": source += "&quot;"
        case "'": source += "&#39;"
        default: source.unicodeScalars.append(scalar)
        }
      }
    }
  }
}

extension HTML {
  package func appending(_ other: HTML) -> HTML { "\(self)\(other)" }
}
