/// JSON as text. All JSON that Larkspur produces is written here. SQLite reads it back; `JSON`
/// reads the answers of servers.
package enum JSONText {
  package static func list(_ strings: [String]) -> String {
    "[\(strings.map(string).joined(separator: ","))]"
  }

  package static func object(_ fields: Fields) -> String {
    object(
      fields.sorted { $0.key < $1.key }.map { name, field in
        switch field {
        case .text(let text): (name, string(text))
        case .number(let number): (name, String(number))
        case .json(let json): (name, json)
        }
      })
  }

  /// An object with these members, in this order. Their values are JSON already.
  package static func object(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(string($0)):\($1)" }.joined(separator: ","))}"
  }

  /// The strings in a list that has the form `list` writes and contains no backslash, so that every
  /// quote begins or ends a string. Nil for any other list, which SQLite can read.
  package static func plainStrings(in list: String) -> [String]? {
    var list = list
    return list.withUTF8 { text in
      guard text.count > 2, text.first == UInt8(ascii: "["), !text.contains(UInt8(ascii: "\\"))
      else {
        return nil
      }
      var strings: [String] = []
      var rest = text[1...]
      while rest.popFirst() == UInt8(ascii: "\"") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        strings.append(String(decoding: rest[..<end], as: UTF8.self))
        rest = rest[(end + 1)...]
        switch rest.popFirst() {
        case UInt8(ascii: ","): continue
        case UInt8(ascii: "]"): return rest.isEmpty ? strings : nil
        default: return nil
        }
      }
      return nil
    }
  }

  package static func string(_ text: String) -> String {
    // Nearly all text needs no escaping, and the loop below is slow.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) { return "\"\(text)\"" }
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case "\n": json += "\\n"
      case "\r": json += "\\r"
      case "\t": json += "\\t"
      case "\u{0}"..<" ": json += escape(scalar)
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }

  /// The same JSON with characters escaped that move a terminal's cursor or reverse its text. A
  /// person may read what a server answered with any program.
  package static func harmless(_ json: String) -> String {
    if json.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return json }
    return json.unicodeScalars.reduce(into: "") { safe, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: safe += escape(scalar)
      default: safe.unicodeScalars.append(scalar)
      }
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    scalar.utf16.map { "\\u" + hexadecimal(UInt64($0), digits: 4) }.joined()
  }
}
