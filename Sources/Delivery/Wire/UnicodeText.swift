/// Turns JSON text into valid Unicode: bytes that are not UTF-8, and escapes that are half a
/// character, become U+FFFD.
enum UnicodeText {
  static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var text = Array(String(decoding: bytes, as: UTF8.self).utf8)
    var place = 0
    while place < text.count {
      guard text[place] == UInt8(ascii: "\\") else {
        place += 1
        continue
      }
      switch surrogate(in: text, at: place) {
      case nil: place += 2
      case .high? where surrogate(in: text, at: place + 6) == .low: place += 12
      case .high?, .low?:
        for (offset, digit) in "fffd".utf8.enumerated() { text[place + 2 + offset] = digit }
        place += 6
      }
    }
    return text
  }

  private enum Surrogate { case high, low }

  private static func surrogate(in text: [UInt8], at place: Int) -> Surrogate? {
    guard place + 6 <= text.count, text[place...].starts(with: "\\u".utf8),
      let unit = UInt16(String(decoding: text[place + 2..<place + 6], as: UTF8.self), radix: 16)
    else { return nil }
    switch unit {
    case 0xD800...0xDBFF: return .high
    case 0xDC00...0xDFFF: return .low
    default: return nil
    }
  }
}
