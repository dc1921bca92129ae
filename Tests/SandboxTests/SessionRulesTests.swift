import Testing

@testable import Sandbox

struct SessionRulesTests {
  private let id = "session_4dfunz7sp1g8m"

  private func feishu(_ change: (inout RuleSettings) -> Void) -> Feishu {
    var settings = RuleSettings()
    change(&settings)
    return Feishu(settings)
  }

  @Test func `a session is answered as it now is, with milliseconds as text`() {
    var feishu = Feishu()
    _ = feishu.write(id, ["metadata": "m"], at: second)
    let judgement = feishu.write(id, ["channel_context": "{}"], at: 3 * second)
    #expect(judgement.summary == "200 0 ok" && judgement.applied)
    #expect(
      judgement.answer.body == """
        {"code":0,"msg":"success","data":{"session":{"id":"session_4dfunz7sp1g8m",\
        "created_at":"1000","modified_at":"3000","created_by":"cli_sandbox",\
        "channel_context":"{}","metadata":"m"}}}
        """)
  }

  @Test func `moments are counted from 1970, whatever the sandbox's clock says`() {
    var rules = Rules(RuleSettings(), instance: "run", epoch: -5 * second)
    let request = Request(
      method: "PUT", target: Path.session(id), authorization: "Bearer u-sandbox",
      body: Array("{}".utf8), logID: "log-1")
    #expect(rules.judge(request, at: 0).answer.body.contains(#""created_at":"5000""#))
  }

  @Test func `a field that is left out is kept, or cleared`() {
    var keeping = Feishu()
    _ = keeping.write(id, ["metadata": "m"], at: 0)
    #expect(keeping.write(id, [:], at: 0).answer.body.contains(#""metadata":"m""#))
    var clearing = feishu { $0.omittedField = .clear }
    _ = clearing.write(id, ["metadata": "m"], at: 0)
    #expect(clearing.write(id, [:], at: 0).answer.body.contains(#""metadata":"""#))
  }

  @Test(arguments: [(255, true), (256, false)])
  func `a field has up to 255 characters`(length: Int, isGood: Bool) {
    for field in ["channel_context", "metadata"] {
      var feishu = Feishu()
      let text = String(repeating: "飞", count: length)
      let judgement = feishu.write(id, [field: text], at: 0)
      #expect(judgement.summary == (isGood ? "200 0 ok" : "400 2700001 invalid"))
    }
  }

  @Test(arguments: [
    "session_1", "session_0123456789abcdefghjkmnpq", "session_zyxwvutsrqpnmkjhgfedcba9",
  ])
  func `documented ids are good`(id: String) {
    var feishu = Feishu()
    #expect(feishu.write(id, [:], at: 0).verdict == .ok)
  }

  @Test(arguments: [
    "session_", "sessio_1", "session_i", "session_l", "session_o", "session_A", "session_1%2F2",
    "session_0123456789abcdefghjkmnpqr",
  ])
  func `other ids are refused`(id: String) {
    var feishu = Feishu()
    #expect(feishu.write(id, [:], at: 0).summary == "400 2700001 invalid")
  }

  @Test func `a session that does not exist is told by its prefix and answered as chosen`() {
    var feishu = Feishu()
    #expect(feishu.write("session_absent1", [:], at: 0).summary == "400 2700001 missing")
    var other = self.feishu {
      $0.missingSessionPrefix = "session_x"
      $0.missingSessionAnswer = ForcedAnswer(status: 404, code: 2_700_404)
    }
    #expect(other.write("session_x1", [:], at: 0).summary == "404 2700404 missing")
    #expect(other.write("session_absent1", [:], at: 0).verdict == .ok)
  }

  @Test func `a person's access token is good here and nowhere else`() {
    var feishu = Feishu()
    #expect(feishu.write(id, [:], as: "u-sandbox", at: 0).app == "cli_sandbox")
    #expect(feishu.write(id, [:], as: "u-other", at: 0).summary == "400 99991668 bad_access_token")
    let preview = feishu.update(["a"], as: "u-sandbox", at: 0)
    #expect(preview.summary == "400 99991668 bad_access_token")
    #expect(preview.answer.body.contains("user access token not support"))
  }

  @Test func `a token of neither sort is refused as such`() {
    var feishu = Feishu()
    #expect(feishu.write(id, [:], as: "x-1", at: 0).summary == "400 99991671 bad_access_token")
    #expect(feishu.write(id, [:], as: "t-1", at: 0).summary == "400 99991663 bad_access_token")
  }

  @Test(arguments: ["", "[]", "null", #"{"metadata":1}"#])
  func `a body of another form is refused`(body: String) {
    var feishu = Feishu()
    let judgement = feishu.judge(
      "PUT", path: Path.session(id), authorization: "Bearer u-sandbox", body: body, at: 0)
    #expect(judgement.summary == "400 2700001 invalid")
  }

  @Test func `a session is written with PUT`() {
    var feishu = Feishu()
    let judgement = feishu.judge(path: Path.session(id), at: 0)
    #expect(judgement.summary == "405 - wrong_method")
    #expect(judgement.answer.headers["Allow"] == "PUT")
  }
}
