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
