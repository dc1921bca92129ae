import Delivery
import Foundation
import Larkspur
import Planning
import Testing

struct PoisonedCalls {
  @Test func `one malformed token dies alone and the others lose no attempt`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["t7"]
    let asks = (0..<10).map { bench.ask("t\($0)", "ou_1") }
    let result = try bench.run()
    for (index, ask) in asks.enumerated() where index != 7 {
      #expect(try bench.state(ask) == .delivered)
    }
    #expect(
      try bench.state(asks[7]) == .dead(reason: "230001 param is invalid (HTTP 400)"))
    #expect(result.asksDied == 1)
    #expect(bench.feishu.violations == [])
    // While the others are in flight, the worker cannot know that it is the only one.
    #expect(bench.feishu.arrivals.count == 12)
  }

  @Test func `it is found by halves while others wait for the budget`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["t3"]
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    try bench.run()
    // 100 full calls, of which one is refused, and its ten tokens again: 5 + 5, 3 + 2, 1 + 1 + 1.
    // While others wait, the malformed one is tried alone four times.
    #expect(bench.feishu.arrivals.count <= 111)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 999)
  }

  @Test func `one malformed open_id is found, and the others of its token are reached`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_1037"]
    let people = (0..<100).map { "ou_\(1_000 + $0)" }
    let ask = bench.ask("a", audience: .people(people))
    try bench.run()
    let reached = Set(
      bench.feishu.arrivals.filter(\.wasApplied).flatMap { $0.people ?? [] })
    #expect(reached == Set(people).subtracting(["ou_1037"]))
    guard case .dead(let reason)? = try bench.state(ask) else {
      Issue.record("an ask of which somebody was refused is not delivered")
      return
    }
    #expect(reason.contains("230001"))
    #expect(
      try bench.number("select count(*) from ask where refused = '[\"ou_1037\"]'") == 1)
    #expect(bench.feishu.arrivals.count < 25)
    #expect(bench.feishu.violations == [])
  }

  @Test func `a malformed token with many people is found after a few calls`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["a"]
    let ask = bench.ask("a", audience: .people((0..<100).map { "ou_\(1_000 + $0)" }))
    try bench.run()
    #expect(bench.feishu.arrivals.count <= 9)
    guard case .dead? = try bench.state(ask) else {
      Issue.record("the ask is not dead")
      return
    }
  }

  @Test func `who is refused for one token is not asked for again with a thousand others`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_3"]
    let people = (0..<20).map { "ou_\($0)" }
    for token in 0..<1_000 { bench.ask("t\(token)", audience: .people(people)) }
    bench.ask("alone", "ou_3")
    let result = try bench.run()
    // Without this user a hundred calls would be enough. Finding out takes about a minute of
    // refused calls, which count towards no quota. Finding out for each token separately would take
    // eleven thousand.
    let refused = bench.feishu.arrivals.count { !$0.wasApplied }
    #expect(refused < 400, "\(refused) refused")
    #expect(bench.feishu.arrivals.count < 600, "\(bench.feishu.arrivals.count) calls")
    #expect(result.asksDied == 1_001)
    let reached = bench.feishu.arrivals.filter(\.wasApplied)
    #expect(Set(reached.flatMap(\.tokens)).count == 1_000)
    #expect(bench.feishu.violations == [])
  }

  @Test func `retried, a dead ask goes only to those who were refused`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_2"]
    let ask = bench.ask("a", "ou_1", "ou_2", "ou_3")
    try bench.run()
    bench.feishu.badPeople = []
    #expect(try Inspector(queue: bench.path).retry(.lane("a", account: nil)) == 1)
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.last?.people == ["ou_2"])
  }

  @Test func `cancelled, a lane is not sent, and what is in flight gets its answer`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 500
    let first = bench.ask("a", "ou_1")
    var second = 0
    bench.world.after(600) {
      second = bench.ask("a", "ou_2")
    }
    bench.world.after(700) {
      do {
        let cancelled = try Inspector(queue: bench.path).cancel(lane: "a", account: nil)
        #expect(cancelled.asks == 1 && cancelled.callsUnderWay == 1)
      } catch { Issue.record(error) }
    }
    try bench.run(.stay, for: 20_000)
    #expect(try bench.state(first) == .delivered)
    #expect(try bench.state(second) == .cancelled)
    #expect(bench.feishu.arrivals.count == 1)
  }
}
