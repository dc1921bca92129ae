import FoundationEssentials
import Testing

@testable import Configuring

/// Where a configuration stops being JSON5.
struct JSON5FaultTests {
  @Test(arguments: [
    ("{\"a\": 1,\n \"b\" 2}", "line 2, column 6: a colon is missing"),
    ("{\"a\": 1\n \"b\": 2}", "line 2, column 2: a comma or } is missing"),
    ("{\"a\": 1,\n \"b\": 2", "line 2, column 8: a comma or } is missing"),
    ("{\"a\": cli_1}", "line 1, column 7: text needs quotes"),
    ("{\"a\": \"b\n}", "line 1, column 7: the text that begins here has no quote at its end"),
    ("{\"a\": }", "line 1, column 7: a value is missing"),
    ("{1\"a\": 2}", "line 1, column 3: a colon is missing"),
    ("{, }", "line 1, column 2: a name is missing"),
    ("[1 2]", "line 1, column 4: a comma or ] is missing"),
    ("{} {}", "line 1, column 4: nothing may follow here"),
    ("// 汉字\n{'汉': '字' x}", "line 2, column 11: a comma or } is missing"),
    ("{/* a }", "line 1, column 2: the comment that begins here has no */ at its end"),
    ("", "line 1, column 1: a value is missing"),
    (String(repeating: "[", count: 100_000), "line 1, column 513: too many brackets are open"),
  ])
  func `the first fault is named with its place`(text: String, sentence: String) {
    #expect(JSON5Search.fault(in: Array(text.utf8))?.sentence == sentence)
    #expect(!isRead(text))
  }

  @Test(arguments: [
    "{}", "[]", "{\"a\": [1, 2.5, -3e4, true, null, \"b\\\"c\"],}",
    "// x\n{a: 'b', /* y */ $c_1: 0x1F,}\n",
    "{\"a\": 'x\\\ny', \"b\": +1, \"c\": .5, \"d\": 5., \"e\": [[], {}, [{}]]}", "\"only text\"",
    "Infinity",
  ])
  func `none is found where there is none`(text: String) {
    #expect(isRead(text))
    #expect(JSON5Search.fault(in: Array(text.utf8)) == nil)
  }

  private func isRead(_ text: String) -> Bool {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    return (try? decoder.decode(Anything.self, from: Data(text.utf8))) != nil
  }

  private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
  }
}
