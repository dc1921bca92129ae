import Delivery
import Testing

/// Malformed and malicious answers.
struct HostileAnswerTests {
  private func token(_ text: String) -> String? {
    let body = #"{"code":0,"tenant_access_token":"\#(text)","expire":7200}"#
    return FeishuWire.accessToken(in: RawAnswer(status: 200, body: Array(body.utf8)))?.value
  }

  @Test(arguments: [#"t\r\nHost: x"#, #"t\u0000"#, "t t", "t\u{7f}", "票", ""])
  func `what would not be one word of a header line is no access token`(text: String) {
    #expect(token(text) == nil)
  }

  @Test func `an access token is any word`() {
    #expect(token("t-g1044ghJ.~+/=") == "t-g1044ghJ.~+/=")
  }

  private func code(_ more: String) -> Int? {
    let body = Array(#"{"code":0,"more":\#(more)}"#.utf8)
    return self.code(in: body)
  }

  private func code(in body: [UInt8]) -> Int? {
    let answer = RawAnswer(status: 200, body: body)
    guard case .reply(let reply) = FeishuWire.read(.answered(answer), Redaction(), received: .zero)
    else {
      return nil
    }
    return reply.code
  }

  @Test(arguments: [
    String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
    String(repeating: #"{"a":"#, count: 400) + "1" + String(repeating: "}", count: 400),
  ])
  func `an answer that nests deeper than any real one is none`(more: String) {
    #expect(code(more) == nil)
  }

  @Test func `an answer in another encoding is none`() {
    let units = Array(#"{"code":0}"#.utf8).flatMap { [$0, UInt8(0)] }
    #expect(code(in: units) == nil)
  }

  @Test(arguments: [
    #""\ud800""#, #""\udc00\ud800""#, #""\ud800\u0041""#, #"{"\uDBFFx":"\\"}"#, #""a\"\udfff""#,
  ])
  func `half a character spoils nothing`(more: String) {
    #expect(code(more) == 0)
  }

  @Test(arguments: [[0xFF], [0xE4, 0xB8], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func `bytes that are not UTF-8 spoil nothing`(bytes: [UInt8]) {
    #expect(code(in: Array(#"{"msg":"a"#.utf8) + bytes + Array(#"b","code":0}"#.utf8)) == 0)
    #expect(code(in: bytes + Array(#"{"code":0}"#.utf8)) == nil)
  }

  @Test func `a whole character in two escapes stays one`() {
    let body = Array(#"["\ud83d\ude00","\ud83d","\\ud83d"]"#.utf8)
    #expect(JSON(body) == .list([.string("😀"), .string("\u{fffd}"), .string(#"\ud83d"#)]))
  }

  @Test(arguments: [
    "[[[[[[[[[[1]]]]]]]]]]", #""\#(String(repeating: "[{,:", count: 250_000))""#, #""\"[[""#,
    #"[\#(String(repeating: #"{"field":"x"},"#, count: 300))0]"#,
    "[\(String(repeating: "0,", count: 500_000))0]",
  ])
  func `one that is only long is read`(more: String) {
    #expect(code(more) == 0)
  }

  @Test func `a header line is a name and a value, of the last answer alone`() {
    var answer = RawAnswer(status: 200)
    for line in ["A: 1\r\n", "HTTP/1.1 200 OK\r\n", "X-Tt-LogID:  a:b \r\n", "none\r\n", ":\r\n"] {
      line.utf8CString.withUnsafeBytes {
        answer.take(headerLine: UnsafeRawBufferPointer(rebasing: $0.dropLast()))
      }
    }
    #expect(answer.headers == ["x-tt-logid": "a:b "])
  }
}
