import FoundationEssentials

/// JSON as RFC 8259 has it: Foundation also takes commas too many and other encodings than UTF-8.
enum StrictJSON {
  /// A body lists 110 names at most, and a card's actions are one string. Reading hundreds of
  /// thousands of values would hold up everybody, so it is not even begun.
  static let marksInBody = 1_000

  static func read<Value: Decodable>(
    _ type: Value.Type, from body: [UInt8], marksMax: Int = marksInBody
  ) -> Value? {
    guard isSound(body, marksMax: marksMax) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(body))
  }

  /// Whether text that reads as JSON otherwise is also strictly JSON, with at most so many brackets,
  /// commas and colons outside its strings.
  static func isSound(_ bytes: some Sequence<UInt8>, marksMax: Int = .max) -> Bool {
    var isInString = false
    var isEscaped = false
    var isAfterComma = false
    var marks = 0
    for byte in bytes {
      // In UTF-16 and UTF-32 every ASCII character brings one along.
      if byte == 0 { return false }
      if isInString {
        if byte == UInt8(ascii: "\"") && !isEscaped { isInString = false }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        continue
      }
      switch UnicodeScalar(byte) {
      case " ", "\t", "\n", "\r": continue
      case "]", "}": if isAfterComma { return false }
      case ",", ":", "[", "{": marks += 1
      case "\"": isInString = true
      default: break
      }
      isAfterComma = byte == UInt8(ascii: ",")
      if marks > marksMax { return false }
    }
    return true
  }
}
