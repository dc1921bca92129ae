import Terminal

/// HTML that escapes text. Literals are taken as they are; an interpolated text is escaped, unless
/// it is HTML itself.
struct HTML: ExpressibleByStringInterpolation {
  private(set) var source: String

  init(stringLiteral source: String) { self.source = source }

  init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  static let nothing: HTML = ""

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      source.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { source += literal }

    mutating func appendInterpolation(_ html: HTML) { source += html.source }

    mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { source += part.source }
    }

    mutating func appendInterpolation(_ number: Int) { source += grouped(number) }

    /// Invisible characters are made visible, so that they cannot reorder or hide the text around
    /// them.
    mutating func appendInterpolation(_ text: String) {
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

/// A span of time in the most readable unit, no more precise than useful.
func spelled(_ span: Microseconds) -> String {
  switch span {
  case ..<10_000: "\(tenths(max(0, span), of: 1_000)) ms"
  case ..<1_000_000: "\(span / 1_000) ms"
  case ..<10_000_000: "\(tenths(span, of: 1_000_000)) s"
  case ..<60_000_000: "\(span / 1_000_000) s"
  case ..<3_600_000_000: "\(span / 60_000_000) min"
  case ..<86_400_000_000: "\(span / 3_600_000_000) h"
  default: counted(span / 86_400_000_000, "day", "days")
  }
}

/// How long ago a moment was.
func ago(_ moment: Microseconds, at now: Microseconds) -> String {
  switch now - moment {
  case ..<100_000: "now"
  case let span where span < 1_000_000: "\(tenths(span, of: 1_000_000)) s ago"
  case let span: "\(spelled(span)) ago"
  }
}

private func tenths(_ span: Microseconds, of unit: Microseconds) -> String {
  "\(span / unit).\(span % unit / (unit / 10))"
}
