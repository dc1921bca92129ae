import Testing

@testable import Sandbox

struct GatewayTests {
  @Test func `the sixth call within a second is turned away with the wait it should make`() {
    var feishu = Feishu()
    for call in 0..<5 {
      #expect(feishu.update(["p\(call)"], at: call * 100_000).summary == "200 0 ok")
    }
    let limited = feishu.update(["p5"], at: second - 1)
    #expect(limited.summary == "429 99991400 limited" && !limited.applied)
    #expect(limited.answer.body.contains(#""msg":"request trigger frequency limit""#))
    #expect(
      limited.answer.headers == ["x-ogw-ratelimit-limit": "5", "x-ogw-ratelimit-reset": "1"])
  }

  @Test func `the window slides, and calls that were turned away are not in it`() {
    var feishu = Feishu()
    for call in 0..<5 { _ = feishu.update(["p\(call)"], at: call * 100_000) }
    for call in 0..<50 { _ = feishu.update(["q\(call)"], at: 900_000) }
    #expect(feishu.update(["r0"], at: second).verdict == .ok)
    #expect(feishu.update(["r1"], at: second).verdict == .limited)
    #expect(feishu.update(["r1"], at: second + 100_000).verdict == .ok)
  }

  @Test func `a call that was turned away does not use its tokens' interval`() {
    var feishu = Feishu()
    for call in 0..<5 { _ = feishu.update(["p\(call)"], at: 0) }
    #expect(feishu.update(["a"], at: 1).verdict == .limited)
    #expect(feishu.update(["a"], at: second).verdict == .ok)
  }

  @Test func `a call that is refused by its API counts against the limit`() {
    var feishu = Feishu()
    for _ in 0..<5 { #expect(feishu.update(["bad_token"], at: 0).verdict == .malformed) }
    #expect(feishu.update(["a"], at: 0).verdict == .limited)
  }

  @Test func `each app has its own limit`() {
    var settings = RuleSettings()
    settings.apps = ["cli_1": "one", "cli_2": "two"]
    settings.previewPace.perSecond = 1
    var feishu = Feishu(settings, app: "cli_1", secret: "one")
    let other = feishu.login("cli_2", "two", at: 0).token
    #expect(feishu.update(["a"], at: 0).verdict == .ok)
    #expect(feishu.update(["b"], at: 0).verdict == .limited)
    #expect(feishu.update(["b"], as: other, at: 0).verdict == .ok)
  }

  @Test func `no limit is no limit`() {
    var settings = RuleSettings()
    settings.previewPace.perSecond = 0
    var feishu = Feishu(settings)
    for call in 0..<1_000 { #expect(feishu.update(["p\(call)"], at: 0).verdict == .ok) }
  }

  @Test func `a path that does not exist is 404`() {
    var feishu = Feishu()
    let judgement = feishu.judge(path: "/open-apis/im/v2/url_previews")
    #expect(judgement.summary == "404 99991201 unknown_path")
    #expect(judgement.answer.body.contains(#""error":{"log_id":"log-1"}"#))
  }

  @Test(arguments: ["GET", "PUT", "HEAD"])
  func `another method is 405 and says which one is right`(method: String) {
    var feishu = Feishu()
    let judgement = feishu.judge(method, path: Path.previews)
    #expect(judgement.summary == "405 - wrong_method")
    #expect(judgement.answer.headers["Allow"] == "POST")
  }

  @Test func `headers above the limit are 431, wherever they were meant to go`() {
    var feishu = Feishu()
    for (size, summary) in [
      (Request.headMax, "404 99991201 unknown_path"), (Request.headMax + 1, "431 - too_large"),
    ] {
      let request = Request(target: "/nothing", headSize: size, logID: "log-1")
      #expect(feishu.rules.judge(request, at: 0).summary == summary)
    }
    let request = Request(
      target: Path.card("c"), authorization: "Bearer \(feishu.accessToken)",
      headSize: Request.headMax + 1, logID: "log-1")
    #expect(feishu.rules.bodyMax(of: request, at: 0) == 0)
  }

  @Test func `a body above the limit is 413`() {
    var feishu = Feishu()
    let request = Request(target: Path.previews, isTooLarge: true, logID: "log-1")
    #expect(feishu.rules.judge(request, at: 0).summary == "413 - too_large")
  }
}
