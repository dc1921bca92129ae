import Testing

@testable import Sandbox

struct PreviewRulesTests {
  let unlimited: RuleSettings = {
    var settings = RuleSettings()
    settings.previewPace.perSecond = 0
    return settings
  }()

  @Test func `a good call takes effect and is answered as documented`() {
    var feishu = Feishu()
    let judgement = feishu.update(["a", "b"], openIDs: ["ou_1"], at: 0)
    #expect(judgement.answer.body == #"{"code":0,"msg":"success","data":{}}"#)
    #expect(judgement.applied && judgement.app == "cli_sandbox")
    #expect(judgement.update == PreviewUpdate(previewTokens: ["a", "b"], openIDs: ["ou_1"]))
  }

  @Test func `open_ids left out and an empty list are told apart`() {
    var feishu = Feishu()
    #expect(feishu.update(["a"], at: 0).update?.openIDs == nil)
    let empty = feishu.update(["b"], openIDs: [], at: 0)
    #expect(empty.summary == "200 0 ok" && empty.update?.openIDs == [])
  }

  @Test(arguments: [(0, false), (1, true), (10, true), (11, false)])
  func `one to ten tokens make a call`(count: Int, isGood: Bool) {
    var feishu = Feishu()
    let judgement = feishu.update((0..<count).map { "p\($0)" }, at: 0)
    #expect(judgement.summary == (isGood ? "200 0 ok" : "400 230001 invalid"))
    #expect(judgement.applied == isGood)
  }

  @Test(arguments: [(100, true), (101, false)])
  func `at most a hundred open_ids make a call`(count: Int, isGood: Bool) {
    var feishu = Feishu()
    let judgement = feishu.update(["a"], openIDs: (0..<count).map { "ou_\($0)" }, at: 0)
    #expect(judgement.summary == (isGood ? "200 0 ok" : "400 230001 invalid"))
  }

  @Test(arguments: ["", "null", "[]", "{}", #"{"preview_tokens":"a"}"#, #"{"preview_tokens":[1]}"#])
  func `a body of another form is refused`(body: String) {
    var feishu = Feishu()
    #expect(feishu.post(body, at: 0).summary == "400 230001 invalid")
  }

  @Test func `one malformed token refuses the whole call, and none of it takes effect`() {
    var feishu = Feishu()
    let judgement = feishu.update(["a", "bad_token_1"], at: 0)
    #expect(judgement.summary == "400 230001 malformed" && !judgement.applied)
    #expect(feishu.update(["a"], at: 1).summary == "200 0 ok")
  }

  @Test func `one malformed open_id refuses the whole call`() {
    var feishu = Feishu()
    let judgement = feishu.update(["a"], openIDs: ["ou_1", "ou_bad"], at: 0)
    #expect(judgement.summary == "400 230001 malformed")
  }

  @Test func `what counts as malformed can be chosen, and empty text always does`() {
    var settings = unlimited
    settings.badTokenPrefix = "x"
    settings.badOpenIDPrefix = ""
    var feishu = Feishu(settings)
    #expect(feishu.update(["bad_token"], openIDs: ["ou_bad"], at: 0).summary == "200 0 ok")
    #expect(feishu.update(["xyz"], at: 0).verdict == .malformed)
    #expect(feishu.update([""], at: 0).verdict == .malformed)
    #expect(feishu.update(["a"], openIDs: [""], at: 0).verdict == .malformed)
  }

  @Test func `a token may come again after five seconds and not a microsecond before`() {
    var feishu = Feishu()
    #expect(feishu.update(["a"], at: 7).applied)
    let early = feishu.update(["a", "b"], at: 7 + 5 * second - 1)
    #expect(early.summary == "400 230001 too_early" && early.early == ["a"] && !early.applied)
    #expect(feishu.update(["a"], at: 7 + 5 * second).summary == "200 0 ok")
  }

  @Test func `a refused call does not move the moment a token may come again`() {
    var feishu = Feishu()
    _ = feishu.update(["a"], at: 0)
    #expect(feishu.update(["a", "b"], at: 3 * second).verdict == .tooEarly)
    #expect(feishu.update(["b"], at: 3 * second).verdict == .ok)
    #expect(feishu.update(["a"], at: 5 * second).verdict == .ok)
  }

  @Test func `a token listed twice in one call is too early the second time`() {
    var feishu = Feishu()
    let judgement = feishu.update(["a", "b", "a"], at: 0)
    #expect(judgement.verdict == .tooEarly && judgement.early == ["a"])
  }

  @Test func `early tokens can be passed over in silence`() {
    var settings = unlimited
    settings.earlyUpdate = .ignore
    var feishu = Feishu(settings)
    _ = feishu.update(["a"], at: 0)
    let mixed = feishu.update(["a", "b"], at: second)
    #expect(mixed.summary == "200 0 too_early" && mixed.applied && mixed.early == ["a"])
    let onlyEarly = feishu.update(["a"], at: 2 * second)
    #expect(onlyEarly.summary == "200 0 too_early" && !onlyEarly.applied)
    // Skipping a did not move its moment, and b's ran from the call that carried it.
    #expect(feishu.update(["a", "b"], at: 5 * second).early == ["b"])
  }

  @Test func `the tokens of two apps have nothing to do with each other`() {
    var settings = RuleSettings()
    settings.apps = ["cli_1": "one", "cli_2": "two"]
    var feishu = Feishu(settings, app: "cli_1", secret: "one")
    let other = feishu.login("cli_2", "two", at: 0).token
    #expect(feishu.update(["a"], at: 0).app == "cli_1")
    let second = feishu.update(["a"], as: other, at: 0)
    #expect(second.summary == "200 0 ok" && second.app == "cli_2")
  }

  @Test func `what is remembered of tokens does not grow for ever`() {
    var spacing = TokenSpacing()
    for step in 0..<100_000 {
      spacing.note(["p\(step)"], at: step * 1_000)
    }
    #expect(spacing.remembered <= 5_001)
    #expect(spacing.sort(["p99999", "p95000", "p90000"], at: 99_999_000).early.count == 2)
  }
}
