/// Names on a report, shortened where they give access to what they name.
package enum Shortening {
  private static let head = 6
  private static let tail = 4

  /// The beginning and the end of a token, enough to recognize it.
  package static func token(_ name: String) -> String {
    let scalars = Array(name.unicodeScalars)
    if scalars.count <= head + tail + 2 { return name }
    var short = String.UnicodeScalarView(scalars.prefix(head))
    short.append("…")
    short.append(contentsOf: scalars.suffix(tail))
    return String(short)
  }

  /// A sentence in which every word that may be a token is shortened. Tokens have no spaces and are longer than a
  /// word of English.
  package static func message(_ text: String) -> String {
    var (result, word) = (String.UnicodeScalarView(), String.UnicodeScalarView())
    func flush() {
      result.append(contentsOf: word.count < 20 ? word : token(String(word)).unicodeScalars)
      word = String.UnicodeScalarView()
    }
    for scalar in text.unicodeScalars {
      if isOfToken(scalar) {
        word.append(scalar)
      } else {
        flush()
        result.append(scalar)
      }
    }
    flush()
    return String(result)
  }

  private static func isOfToken(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "=", "+": true
    default: false
    }
  }
}
