/// Names on a page or in a trace, shortened where they give access to what they name.
package struct Shortening: Sendable {
  private static let head = 6
  private static let tail = 4

  private let isFull: Bool
  /// Short forms that more than one of the names has.
  private let ambiguous: Set<String>

  /// `names` are all that appear in one place, so that no two of them look the same there.
  package init(isFull: Bool, names: some Sequence<String>) {
    self.isFull = isFull
    var seen: [String: String] = [:]
    var ambiguous: Set<String> = []
    for name in names where !isFull {
      let short = Self.short(name)
      if seen.updateValue(name, forKey: short).map({ $0 != name }) ?? false {
        ambiguous.insert(short)
      }
    }
    self.ambiguous = ambiguous
  }

  /// The beginning and the end of a token, enough to recognize it. Similar tokens get a few digits
  /// of their hash as well.
  package func token(_ name: String) -> String {
    if isFull { return name }
    let short = Self.short(name)
    return ambiguous.contains(short) && short != name ? "\(short)~\(Self.digits(name))" : short
  }

  /// A sentence in which every word that may be a token is shortened. Tokens have no spaces and are
  /// longer than a word of English.
  package func message(_ text: String) -> String {
    if isFull { return text }
    var (result, word) = (String.UnicodeScalarView(), String.UnicodeScalarView())
    func flush() {
      result.append(contentsOf: word.count < 20 ? word : token(String(word)).unicodeScalars)
      word = String.UnicodeScalarView()
    }
    for scalar in text.unicodeScalars {
      if Self.isOfToken(scalar) {
        word.append(scalar)
      } else {
        flush()
        result.append(scalar)
      }
    }
    flush()
    return String(result)
  }

  private static func short(_ name: String) -> String {
    let scalars = name.unicodeScalars
    if scalars.count <= head + tail + 2 { return name }
    return String(scalars.prefix(head)) + "…" + String(scalars.suffix(tail))
  }

  private static func digits(_ name: String) -> String {
    SHA256.digest(Array(name.utf8)).prefix(2).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  private static func isOfToken(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "=", "+": true
    default: false
    }
  }
}

extension QueueHistory {
  /// The names in the history that give access to what they name.
  var secretNames: [String] {
    lanes.filter(\.isSecret).map(\.name) + dead.filter(\.areSecret).flatMap(\.lanes)
  }
}
