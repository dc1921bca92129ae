import Delivery
import Planning
import Testing

struct WireTests {
  @Test func `a refresh names its tokens and its people`() {
    let body = Preview.body(["a", "b/c"], for: .people(["ou_1", "ou_2"]))
    #expect(
      body
        == #"{"open_ids":["ou_1","ou_2"],"preview_tokens":["a","b/c"]}"#)
  }

  @Test func `everyone is named by leaving people out`() {
    let body = Preview.body(["a"], for: .everyone)
    #expect(body == #"{"preview_tokens":["a"]}"#)
  }

  @Test func `whatever a token contains, it arrives as it is`() {
    let tokens = [#"a"b"#, #"c\d"#, #"\u0041"#, "é"]
    let body = Preview.body(tokens, for: .people([#"ou_"\"#]))
    #expect(
      JSON(Array(body.utf8))
        == .object([
          "open_ids": .list([.string(#"ou_"\"#)]),
          "preview_tokens": .list(tokens.map(JSON.string)),
        ]))
  }

  /// How long an answer with these headers asks to wait.
  private func wait(_ headers: [String: String]) -> Span? {
    let raw = RawAnswer(status: 429, headers: headers, body: Array(#"{"code":99991400}"#.utf8))
    let received = WallMoment(ms: 1_700_000_000_000)
    return FeishuWire.read(.answered(raw), Redaction(), received: received).wait
  }

  @Test func `a reset in 0 s asks for no wait`() {
    #expect(wait(["x-ogw-ratelimit-reset": "0"]) == nil)
  }

  @Test func `then the other header counts`() {
    #expect(wait(["x-ogw-ratelimit-reset": "0", "retry-after": "7"]) == 7_000)
  }

  @Test func `of two headers that ask for a wait, Feishu's own counts`() {
    #expect(wait(["x-ogw-ratelimit-reset": "3", "retry-after": "7"]) == 3_000)
  }

  @Test func `a value is read as what it is`() {
    let text = #"{"n":null,"t":true,"f":false,"i":1,"z":0,"d":1.5,"s":"1","l":[1,"a",[]],"o":{}}"#
    #expect(
      JSON(Array(text.utf8))
        == .object([
          "n": .null, "t": .bool(true), "f": .bool(false), "i": .number(1), "z": .number(0),
          "d": .number(1.5), "s": .string("1"),
          "l": .list([.number(1), .string("a"), .list([])]), "o": .object([:]),
        ]))
    #expect(JSON(Array(#"{"a":[1e999]}"#.utf8)) == nil)
    #expect(JSON(Array(#"{"a":}"#.utf8)) == nil)
  }
}
