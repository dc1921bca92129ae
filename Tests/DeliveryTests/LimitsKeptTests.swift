import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct LimitsKept {
  @Test func `a thousand tokens with one audience leave in a hundred calls at full pace`() throws {
    let bench = try Bench()
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1", "ou_2") }
    try bench.run()
    #expect(bench.feishu.arrivals.count == 100)
    #expect(bench.feishu.violations == [])
    let span = bench.feishu.arrivals[99].at - bench.feishu.arrivals[0].at
    #expect(span >= 19_000 && span <= 20_000 * 105 / 100, "took \(span) ms")
  }

  @Test func `the budget is kept across runs that follow at once`() throws {
    let bench = try Bench()
    for round in 0..<6 {
      for token in 0..<30 { bench.ask("t\(round)-\(token)", "ou_1") }
      try bench.run(.untilEmpty)
    }
    #expect(bench.feishu.arrivals.count == 18)
    #expect(bench.feishu.violations == [])
  }

  @Test func `a monthly quota stops the account until the first`() throws {
    let bench = try Bench()
    bench.settings.monthlyQuota = 3
    for token in 0..<50 { bench.ask("t\(token)", "ou_1") }
    let result = try bench.run()
    #expect(bench.feishu.arrivals.count == 3)
    #expect(result.leftBehind != nil)
    bench.world.now += 32 * 86_400_000
    try bench.run()
    #expect(bench.feishu.arrivals.count == 5)
  }

  @Test(arguments: 0..<30)
  func `under jitter, failures and floods the server never sees a rule broken`(
    seed: UInt64
  ) throws {
    let bench = try Bench(seed: seed)
    bench.world.uplink_ms = 1...25
    var dice = Dice(seed)
    bench.feishu.fault = { _, _ in
      switch Int.random(in: 0..<100, using: &dice) {
      case ..<5: .lost
      case ..<10: .answer(502, "<html>")
      case ..<14: .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "2"])
      case ..<18: .neverLeft("no route")
      case ..<30: .slow(Int.random(in: 30...4_000, using: &dice))
      default: nil
      }
    }
    var asks: [Int] = []
    for _ in 0..<150 {
      let token = "t\(Int.random(in: 0..<40, using: &dice))"
      let people = (0..<Int.random(in: 0...3, using: &dice)).map { "ou_\($0)" }
      bench.world.after(Int.random(in: 0..<60_000, using: &dice)) {
        asks.append(
          bench.ask(token, audience: people.isEmpty ? .everyone : .people(people)))
      }
    }
    bench.world.after(61_000) {}
    bench.ask("last", after: 60_500)
    try bench.run()
    try #require(bench.feishu.violations == [], "seed \(seed)")
    try #require(asks.count == 150)
    for ask in asks {
      try #require(try bench.state(ask) == .delivered, "seed \(seed), ask \(ask)")
    }
  }
}
