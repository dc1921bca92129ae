import Terminal

/// JSON, written by hand. The answers and the record are small and flat, and this keeps their
/// fields in the order in which users want to read them.
enum JSONText {
  static func object(_ fields: KeyValuePairs<String, String>) -> String {
    "{" + fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  static func array(_ texts: [String]?) -> String {
    guard let texts else { return "null" }
    return "[" + texts.map(string).joined(separator: ",") + "]"
  }

  static func number(_ number: Int?) -> String { number.map(String.init) ?? "null" }

  static func string(_ text: String?) -> String {
    guard let text else { return "null" }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\u{0}"..<" ": quoted += printableJSON(String(scalar))
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
