import Testing

@testable import Sandbox

struct AccessTokenTests {
  @Test func `an app with the right secret gets a token in a flat answer`() {
    var feishu = Feishu()
    let judgement = feishu.login(at: 0).judgement
    #expect(
      judgement.answer.body
        == #"{"code":0,"msg":"ok","tenant_access_token":"t-run1","expire":7200}"#)
    #expect(judgement.applied && judgement.app == "cli_sandbox")
  }

  @Test func `the same token is given again while half an hour of it is left`() {
    var feishu = Feishu()
    let last = 5_400 * second
    #expect(feishu.login(at: last).token == feishu.accessToken)
    #expect(feishu.login(at: last).judgement.answer.body.hasSuffix(#""expire":1800}"#))
    #expect(feishu.login(at: last + 1).token == "t-run2")
  }

  @Test func `the old token and the new one are both valid until they expire`() {
    var feishu = Feishu()
    let new = feishu.login(at: 6_000 * second).token
    #expect(feishu.update(["a"], at: 7_200 * second - 1).summary == "200 0 ok")
    #expect(feishu.update(["b"], at: 7_200 * second).summary == "400 99991663 bad_access_token")
    #expect(feishu.update(["b"], as: new, at: 13_200 * second - 1).summary == "200 0 ok")
    #expect(
      feishu.update(["c"], as: new, at: 13_200 * second).summary
        == "400 99991663 bad_access_token")
  }

  @Test func `a token that never has half an hour left is new each time`() {
    var settings = RuleSettings()
    settings.accessTokenLifetime = 10 * second
    var feishu = Feishu(settings)
    #expect(feishu.accessToken == "t-run1")
    #expect(feishu.login(at: 1).token == "t-run2")
    #expect(feishu.update(["a"], at: 2).summary == "200 0 ok")
    #expect(feishu.update(["b"], at: 10 * second).summary == "400 99991663 bad_access_token")
  }

  @Test(arguments: [("cli_sandbox", "wrong"), ("cli_other", "sandbox")])
  func `wrong credentials are refused`(app: String, secret: String) {
    var feishu = Feishu()
    let judgement = feishu.login(app, secret, at: 0).judgement
    #expect(judgement.summary == "400 10014 bad_credentials")
    #expect(judgement.app == nil && !judgement.applied)
  }

  @Test(arguments: ["", "{", "[]", #"{"app_id":"cli_sandbox"}"#, #"{"app_id":1,"app_secret":2}"#])
  func `a body that is not two texts is refused`(body: String) {
    var feishu = Feishu()
    #expect(feishu.judge(path: Path.accessToken, body: body).summary == "400 10003 invalid")
  }

  @Test(arguments: [nil, "", "t-run1", "Basic t-run1", "Bearer", "Bearer "])
  func `a call without a token is told so`(authorization: String?) {
    var feishu = Feishu()
    let judgement = feishu.judge(path: Path.previews, authorization: authorization)
    #expect(judgement.summary == "400 99991661 no_access_token")
  }

  @Test func `a token of another run is not valid`() {
    var feishu = Feishu()
    let judgement = feishu.update(["a"], as: "t-earlier1", at: 0)
    #expect(judgement.summary == "400 99991663 bad_access_token")
    #expect(judgement.update?.previewTokens == ["a"] && judgement.app == nil)
  }
}
