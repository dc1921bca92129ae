import Planning
import Testing

struct TextTests {
  /// A bell, a text direction, and the two separators that end a line.
  @Test(arguments: ["\u{7}", "\u{85}", "\u{202e}", "\u{2028}", "\u{2029}"])
  func `what moves a terminal's cursor or turns its text is escaped`(character: String) {
    let safe = JSONText.harmless("\"a\(character)b\"")
    let code = character.unicodeScalars.map(\.value)[0]
    #expect(safe == "\"a\\u" + hexadecimal(UInt64(code), digits: 4) + "b\"")
  }

  @Test func `other text stays as it is`() {
    #expect(JSONText.harmless("\"票 é 😀\"") == "\"票 é 😀\"")
  }
}
