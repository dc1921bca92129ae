import Testing

@testable import Sandbox

struct LimitTests {
  private func budget(
    _ limits: [(calls: Int, length: Microseconds)],
    _ limiting: RuleSettings.Limiting = RuleSettings.Limiting()
  ) -> CallBudget {
    CallBudget(limits, limiting)
  }

  @Test func `a sliding window lets a call through as soon as the oldest has left it`() {
    var budget = budget([(2, second)])
    #expect(budget.admit(at: 0) == nil)
    #expect(budget.admit(at: second / 2) == nil)
    #expect(budget.admit(at: second - 1) == CallBudget.Refusal(calls: 2, wait: 1))
    #expect(budget.admit(at: second) == nil)
    #expect(budget.admit(at: second) == CallBudget.Refusal(calls: 2, wait: second / 2))
  }

  @Test func `a fixed window begins anew with each second of the clock`() {
    var limiting = RuleSettings.Limiting()
    limiting.window = .fixed
    var budget = budget([(2, second)], limiting)
    for moment in [second - 2, second - 1, second, second] {
      #expect(budget.admit(at: moment) == nil)
    }
    let refusal = CallBudget.Refusal(calls: 2, wait: second - 5)
    #expect(budget.admit(at: second + 5) == refusal)
  }

  @Test func `of two limits the longer wait is told, and neither counts a refused call`() {
    var budget = budget([(2, second), (3, 60 * second)])
    for moment in [0, 1, second] { #expect(budget.admit(at: moment) == nil) }
    #expect(budget.admit(at: second) == CallBudget.Refusal(calls: 3, wait: 59 * second))
    #expect(budget.admit(at: 60 * second) == nil)
  }

  @Test func `calls over the limit can count like any other`() {
    var limiting = RuleSettings.Limiting()
    limiting.refused = .counted
    var budget = budget([(1, second)], limiting)
    #expect(budget.admit(at: 0) == nil)
    #expect(budget.admit(at: second - 1) != nil)
    #expect(budget.admit(at: second) != nil)
    #expect(budget.admit(at: 2 * second) == nil)
  }

  @Test func `zero is no limit`() {
    var budget = budget([(0, second)])
    for _ in 0..<1_000 { #expect(budget.admit(at: 0) == nil) }
  }

  @Test func `cards take fifty calls a second and a thousand a minute`() {
    var feishu = Feishu()
    var refusals: [String] = []
    for call in 0..<1_001 {
      // 20 ms apart: fifty in each second, and the thousandth after 20 s.
      let judgement = feishu.batch("c\(call % 20)", call + 1, at: call * second / 50)
      if judgement.verdict != .ok { refusals.append(judgement.summary) }
      if call == 1_000 { #expect(judgement.answer.headers["x-ogw-ratelimit-reset"] == "40") }
    }
    #expect(refusals == ["429 99991400 limited"])
  }

  @Test func `sessions take fifty calls a second, and cards have a count of their own`() {
    var feishu = Feishu()
    for _ in 0..<50 { #expect(feishu.write("session_1", [:], at: 0).verdict == .ok) }
    let limited = feishu.write("session_1", [:], at: 0)
    #expect(limited.summary == "429 99991400 limited")
    #expect(limited.answer.headers["x-ogw-ratelimit-limit"] == "50")
    #expect(feishu.batch("c", 1, at: 0).verdict == .ok)
  }

  @Test func `how a limit is answered can be chosen`() {
    var settings = RuleSettings()
    settings.limiting.status = 400
    settings.limiting.hasHeaders = false
    var feishu = Feishu(settings)
    for token in 0..<5 { _ = feishu.update(["p\(token)"], at: 0) }
    let limited = feishu.update(["p5"], at: 0)
    #expect(limited.summary == "400 99991400 limited" && limited.answer.headers.isEmpty)
  }

  @Test func `an empty list of open_ids reaches nobody, or everyone, or is refused`() {
    var feishu = Feishu()
    let empty = feishu.update(["a"], openIDs: [], at: 0)
    #expect(empty.summary == "200 0 ok" && !empty.applied)
    var settings = RuleSettings()
    settings.emptyAudience = .everyone
    feishu = Feishu(settings)
    #expect(feishu.update(["a"], openIDs: [], at: 0).applied)
    settings.emptyAudience = .refuse
    feishu = Feishu(settings)
    #expect(feishu.update(["a"], openIDs: [], at: 0).summary == "400 230001 invalid")
  }
}
