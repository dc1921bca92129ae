/// JSON text of strings. SQLite reads JSON, so writing these two shapes is all that is needed of it.
package enum JSONText {
  package static func list(_ strings: [String]) -> String {
    "[\(strings.map(string).joined(separator: ","))]"
  }

  package static func string(_ text: String) -> String {
    // Nearly all text is like this, and letter by letter is slow.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) { return "\"\(text)\"" }
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }
}
