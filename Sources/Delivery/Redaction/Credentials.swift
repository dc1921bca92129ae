/// Finds credentials by their position, no matter whose they are: the word after `Bearer`, and the
/// user and password in an address.
enum Credentials {
  static func ranges(in text: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for place in text.indices {
      switch text[place] {
      case UInt8(ascii: "b"), UInt8(ascii: "B"):
        if let range = bearer(in: text, at: place) { ranges.append(range) }
      case UInt8(ascii: ":"):
        if let range = userinfo(in: text, at: place) { ranges.append(range) }
      default: continue
      }
    }
    return ranges
  }

  /// A short word, or one without a digit, is more likely part of a sentence.
  private static func bearer(in text: [UInt8], at place: Int) -> Range<Int>? {
    let word = Array("bearer".utf8)
    guard text.count > place + word.count,
      zip(text[place...], word).allSatisfy({ $0 | 0x20 == $1 })
    else { return nil }
    let begin = text[(place + word.count)...].firstIndex { $0 != UInt8(ascii: " ") } ?? text.count
    guard begin > place + word.count else { return nil }
    let token = text[begin...].prefix { $0 > 0x20 && $0 < 0x7F && !quotes.contains($0) }
    let hasDigit = token.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return token.count >= 8 && hasDigit ? token.startIndex..<token.endIndex : nil
  }

  private static func userinfo(in text: [UInt8], at place: Int) -> Range<Int>? {
    let begin = place + 3
    guard begin < text.count, text[place...].starts(with: "://".utf8) else { return nil }
    let authority = text[begin...].prefix {
      $0 > 0x20 && !quotes.contains($0) && !ends.contains($0)
    }
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")), at > begin else { return nil }
    return begin..<at
  }

  private static let quotes = Array("\"'<>,;".utf8)
  private static let ends = Array("/?#".utf8)
}
