import FoundationEssentials

/// JSON as RFC 8259 defines it. Foundation also accepts extra commas and encodings other than
/// UTF-8.
enum StrictJSON {
  /// A body lists at most 110 names, and a card's actions are one string. Parsing hundreds of
  /// thousands of values would delay every other call, so a body with more marks than this is not
  /// parsed.
  static let marksInBody = 1_000

  static func read<Value: Decodable>(
    _ type: Value.Type, from body: [UInt8], marksMax: Int = marksInBody
  ) -> Value? {
    guard isSound(body, marksMax: marksMax) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(body))
  }

  /// Whether text that Foundation reads as JSON is strictly JSON too, with at most `marksMax`
  /// opening brackets, commas and colons outside its strings.
  static func isSound(_ bytes: some Sequence<UInt8>, marksMax: Int = .max) -> Bool {
    var isInString = false
    var isEscaped = false
    var isAfterComma = false
    var marks = 0
    for byte in bytes {
      // In UTF-16 and UTF-32, every ASCII character contains a zero byte.
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

/// A body of strict JSON with the members that the type names.
protocol StrictBody: Decodable {}

extension StrictBody {
  init?(body: [UInt8]) {
    guard let read = StrictJSON.read(Self.self, from: body) else { return nil }
    self = read
  }
}

/// An object whose content does not matter.
struct JSONObject: Decodable {
  private enum None: CodingKey {}

  init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: None.self) }
}
