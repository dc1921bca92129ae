import Testing

@testable import Sandbox

/// OAuth v3 with client credentials.
struct OAuthTests {
  private static let path = "/oauth/v3/token"
  private static let form =
    "grant_type=client_credentials&client_id=cli_sandbox&client_secret=sandbox"

  private func token(in judgement: Judgement) -> String {
    let words = judgement.answer.body.split(separator: "\"")
    return words.firstIndex(of: "access_token").map { String(words[$0 + 2]) } ?? ""
  }

  @Test func `the right secret in a form brings a long token, with which calls are accepted`() {
    var feishu = Feishu()
    let judgement = feishu.judge(path: Self.path, body: Self.form)
    #expect(judgement.summary == "200 0 ok" && judgement.applied)
    #expect(judgement.answer.body.contains(#""expires_in":7200,"token_type":"Bearer"}"#))
    let token = token(in: judgement)
    #expect(token.hasPrefix("eyJ") && token.utf8.count == 4_096)
    #expect(feishu.update(["a"], as: token, at: 0).summary == "200 0 ok")
    #expect(feishu.update(["b"], as: token, at: 7_200 * second).verdict == .badAccessToken)
  }

  @Test func `the secret may be in the header, but not in the form as well`() {
    var feishu = Feishu()
    let basic = "Basic Y2xpX3NhbmRib3g6c2FuZGJveA=="
    let alone = feishu.judge(
      path: Self.path, authorization: basic, body: "grant_type=client_credentials")
    #expect(alone.summary == "200 0 ok")
    let both = feishu.judge(path: Self.path, authorization: basic, body: Self.form)
    #expect(both.summary == "400 20070 invalid")
  }

  @Test(arguments: [
    ("grant_type=client_credentials&client_id=cli_sandbox&client_secret=wrong", 20_002),
    ("grant_type=client_credentials&client_id=cli_other&client_secret=sandbox", 20_048),
    ("grant_type=password&client_id=cli_sandbox&client_secret=sandbox", 99_992_402),
    ("client_id=cli_sandbox", 99_992_402),
    ("", 99_992_402),
    (form + "&client_id=cli_sandbox", 99_992_402),
  ])
  func `anything else is refused in the words of OAuth`(body: String, code: Int) {
    var feishu = Feishu()
    let judgement = feishu.judge(path: Self.path, body: body)
    #expect(judgement.answer.status == 400 && judgement.answer.code == code)
    #expect(judgement.answer.body.contains(#""error":"invalid_"#))
  }

  @Test func `an escaped secret is read as it was meant`() {
    var settings = RuleSettings()
    settings.apps = ["cli_1": "a+b&c %"]
    var feishu = Feishu(settings, app: "cli_1", secret: "a+b&c %")
    let judgement = feishu.judge(
      path: Self.path,
      body: "grant_type=client_credentials&client_id=cli_1&client_secret=a%2Bb%26c+%25")
    #expect(judgement.summary == "200 0 ok")
  }

  @Test func `more than fifty requests in a second are limited`() {
    var feishu = Feishu()
    for _ in 0..<50 { #expect(feishu.judge(path: Self.path, body: Self.form).verdict == .ok) }
    #expect(feishu.judge(path: Self.path, body: Self.form).verdict == .limited)
  }

  @Test func `faults for OAuth can have a code, and strike nothing else`() {
    var faults = FaultSettings()
    faults.chances = [.refuse: .first(1)]
    faults.endpoints = [.oauth]
    faults.forced = ForcedAnswer(status: 500, code: 20_050)
    var feishu = Feishu(faults: faults)
    #expect(feishu.judge(path: Self.path, body: Self.form).summary == "500 20050 fault")
    #expect(feishu.judge(path: Self.path, body: Self.form).summary == "200 0 ok")
    #expect(feishu.update(["a"], at: 0).summary == "200 0 ok")
  }
}
