import Larkspur
import Planning
import Testing

@testable import Delivery

/// If a turn takes time, calls are recorded before their budget opens.
struct LeadTimeTests {
  /// Makes thirty calls, because every lane wants a different user.
  private func run(_ bench: Bench, dice_ms: Int, for limit: Int? = nil) throws -> SlowMachine {
    for token in 0..<30 { bench.ask("t\(token)", "ou_\(token)") }
    let machine = SlowMachine(bench.world, dice_ms: dice_ms)
    try machine.run(bench, for: limit)
    #expect(bench.feishu.violations == [])
    return machine
  }

  @Test
  func `a call leaves at the very moment its budget opens, however long it takes to write down`()
    throws
  {
    let bench = try Bench()
    _ = try run(bench, dice_ms: 2)
    let arrivals = bench.feishu.arrivals.map(\.at)
    #expect(arrivals.count == 30)
    // A call counts when its answer is read, but at most 30 ms after it left. The sixth may leave a
    // second after that.
    let windows = zip(arrivals, arrivals.dropFirst(5)).dropFirst(5).map { $1 - $0 }
    #expect(windows.allSatisfy { $0 <= 1_030 }, "\(windows)")
  }

  @Test func `nothing is written down ahead where it takes no time`() throws {
    let machine = try run(Bench(), dice_ms: 0)
    #expect(machine.leads.allSatisfy { $0 == 0 })
  }

  @Test func `a run with an end hands nothing over that would leave after it`() throws {
    let bench = try Bench()
    _ = try run(bench, dice_ms: 2, for: 1_050)
    let last = try #require(bench.feishu.arrivals.last?.at)
    #expect(last < bench.start + 1_051)
    #expect(
      try bench.number(
        "select count(*) from call where outcome is not 'delivered' and api = 'preview'") == 0)
  }

  @Test func `the network is seen to within a turn, between its calls and between its answers`()
    throws
  {
    let bench = try crowd()
    bench.world.isCrowded = true
    let machine = SlowMachine(bench.world, dice_ms: 2)
    try machine.run(bench)
    // The time for one of a turn's 25 calls plus one of its 25 answers.
    #expect(machine.blind_ms <= 10, "\(machine.blind_ms) ms")
  }

  @Test func `a call counts when its answer comes, and not when there is time to write that down`()
    throws
  {
    let bench = try crowd()
    let machine = SlowMachine(bench.world, dice_ms: 1)
    machine.slowUntil = bench.start + 400
    bench.world.isCrowded = true
    try machine.run(bench)
    let arrivals = bench.feishu.arrivals.map(\.at)
    #expect(arrivals.count == 120)
    // The answer comes after 20 ms, and the call is on its way for 1 ms.
    let windows = zip(arrivals, arrivals.dropFirst(60)).map { $1 - $0 }
    #expect(windows.allSatisfy { $0 <= 1_021 }, "\(windows)")
  }

  /// 120 calls, of which 60 may be made at once.
  private func crowd() throws -> Bench {
    let bench = try Bench()
    bench.feishu.callsPerSecond = 60
    bench.settings.limits[.preview] = [Budget.Limit(60, per: .seconds(1))]
    for token in 0..<120 { bench.ask("t\(token)", "ou_\(token)") }
    return bench
  }

  @Test func `the lead is twice the longest of the last turns, and bounded`() {
    var lead = LeadTime()
    #expect(lead.span == 0)
    lead.note(turn: 7)
    lead.note(turn: 2)
    #expect(lead.span == 14)
    for _ in 0..<7 { lead.note(turn: 1) }
    #expect(lead.span == 4)
    lead.note(turn: 10_000)
    #expect(lead.span == 40)
  }
}

/// What shows that a call has arrived, and what does not.
struct ArrivalTests {
  @Test func `a call whose connection broke at once counts for as long as it may be on its way`()
    throws
  {
    let bench = try Bench()
    bench.feishu.latency_ms = 1
    bench.feishu.fault = { call, _ in call == 1 ? .broken : nil }
    for token in 0..<60 { bench.ask("t\(token)", "ou_\(token)") }
    try bench.run()
    // Until it can no longer arrive, there are four calls a second instead of five.
    let moments = bench.feishu.arrivals.map { $0.at - bench.start }
    for second in 1...10 {
      let count = moments.count { $0 > second * 1_010 - 500 && $0 < second * 1_010 + 500 }
      #expect(count == 4, "\(moments)")
    }
  }
}
