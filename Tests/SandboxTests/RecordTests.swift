import Testing

@testable import Sandbox

struct RecordTests {
  @Test func `a line says what was asked, what was answered and what took effect`() {
    var feishu = Feishu()
    let judgement = feishu.update(["a"], openIDs: ["ou_1", "ou_2"], at: 10)
    let line = RecordLine(
      number: 2, arrived: 10, answered: 15,
      request: Request(
        target: Path.previews, headers: [("content-type", "application/json")],
        body: Array(#"{"a":1}"#.utf8), logID: "run-2"),
      judgement: judgement)
    #expect(
      line.text == """
        {"n":2,"arrived_us":10,"answered_us":15,"method":"POST",\
        "path":"/open-apis/im/v2/url_previews/batch_update",\
        "headers":{"content-type":"application/json"},"body":"{\\"a\\":1}","app":"cli_sandbox",\
        "preview_tokens":["a"],"open_ids":["ou_1","ou_2"],"card":null,"uuid":null,\
        "sequence":null,"session":null,"status":200,"code":0,"verdict":"ok",\
        "early":[],"fault":null,"applied":true,"log_id":"run-2"}
        """)
  }

  @Test func `what is not there is null`() {
    var feishu = Feishu(faults: FaultSettings(chances: [.never: .always]))
    let line = RecordLine(
      number: 2, arrived: 10, answered: nil,
      request: Request(target: Path.previews, logID: "run-2"),
      judgement: feishu.update(["a"], at: 10))
    #expect(line.text.contains(#""answered_us":null"#))
    #expect(line.text.contains(#""session":null,"status":null,"code":null,"verdict":"ok""#))
    #expect(line.text.contains(#""fault":"never","applied":true"#))
  }

  @Test func `neither secrets nor access tokens are in the record`() {
    var feishu = Feishu()
    let line = RecordLine(
      number: 1, arrived: 0, answered: 0,
      request: Request(
        target: Path.previews, authorization: "Bearer \(feishu.accessToken)", logID: "run-1"),
      judgement: feishu.login(at: 0).judgement)
    #expect(!line.text.contains(feishu.accessToken) && !line.text.contains(#""sandbox""#))
  }

  @Test(arguments: [
    ("plain", #""plain""#), (#"a"b\c"#, #""a\"b\\c""#), ("a\nb\u{1}", #""a\nb\u0001""#),
    ("飞书🎈", #""飞书🎈""#), ("\r\n", #""\u000d\n""#),
  ])
  func `text is quoted so that it stays on one line`(text: String, quoted: String) {
    #expect(JSONText.string(text) == quoted)
  }
}
