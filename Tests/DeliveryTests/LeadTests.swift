import Larkspur
import Planning
import Testing

@testable import Delivery

/// Where a turn takes its time, calls are written down before their budget opens.
struct LeadTests {
  /// Writing a call down takes some milliseconds: two dice are thrown for each.
  private final class SlowMachine: World {
    let inner: SimulatedWorld
    let throw_ms: Int
    /// How long before they might leave calls were handed over.
    private(set) var leads: [Int] = []

    init(_ inner: SimulatedWorld, claim_ms: Int) {
      self.inner = inner
      throw_ms = claim_ms / 2
    }

    func random() -> UInt64 {
      inner.now += throw_ms
      return inner.random()
    }

    func clocks() -> WorkerStore.ClockReading { inner.clocks() }
    func forgetWrites() {}
    func progress() {}
    var stopRequests: Int { inner.stopRequests }
    func wait(milliseconds: Int) -> [WorldEvent] { inner.wait(milliseconds: milliseconds) }

    func send(_ request: Request, tag: Int, earliest: Int, latest: Int) {
      leads.append(earliest - inner.now)
      inner.send(request, tag: tag, earliest: earliest, latest: latest)
    }
  }

  /// Thirty calls, as nobody is wanted twice.
  private func run(_ bench: Bench, claim_ms: Int, for limit: Int? = nil) throws -> SlowMachine {
    for token in 0..<30 { bench.ask("t\(token)", "ou_\(token)") }
    let machine = SlowMachine(bench.world, claim_ms: claim_ms)
    let worker = Worker(
      store: try WorkerStore(queue: bench.path), world: machine, accounts: [bench.settings],
      mode: WorkMode(goal: .untilEmpty, limit: limit), callTimeout: 10_000,
      readSecret: { _ in .success("s") }, report: { _ in })
    _ = try worker.run()
    #expect(bench.feishu.violations == [])
    return machine
  }

  @Test
  func `a call leaves at the very moment its budget opens, however long it takes to write down`()
    throws
  {
    let bench = try Bench()
    _ = try run(bench, claim_ms: 4)
    let arrivals = bench.feishu.arrivals.map(\.at)
    #expect(arrivals.count == 30)
    // A call counts when its answer is read, but never later than 30 ms after it left, and the sixth may
    // leave a second after that.
    let windows = zip(arrivals, arrivals.dropFirst(5)).dropFirst(5).map { $1 - $0 }
    #expect(windows.allSatisfy { $0 <= 1_030 }, "\(windows)")
  }

  @Test func `nothing is written down ahead where it takes no time`() throws {
    let machine = try run(Bench(), claim_ms: 0)
    #expect(machine.leads.allSatisfy { $0 == 0 })
  }

  @Test func `a run with an end hands nothing over that would leave after it`() throws {
    let bench = try Bench()
    _ = try run(bench, claim_ms: 4, for: 1_050)
    let last = try #require(bench.feishu.arrivals.last?.at)
    #expect(last < bench.start + 1_051)
    #expect(
      try bench.number(
        "select count(*) from call where outcome is not 'delivered' and api = 'preview'") == 0)
  }

  @Test func `the lead is twice the longest of the last turns, and bounded`() {
    var lead = Lead()
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

/// Where answers take longer than a request may be held up for.
struct LateAnswers {
  @Test func `a call that was not held up leaves its budget a second after it arrived`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 80
    for token in 0..<60 { bench.ask("t\(token)", "ou_\(token)") }
    try bench.run()
    #expect(bench.feishu.violations == [])
    let arrivals = bench.feishu.arrivals.map(\.at)
    let windows = zip(arrivals, arrivals.dropFirst(5)).map { $1 - $0 }
    // The first answers do not tell yet what is fast.
    #expect(windows.prefix(20).allSatisfy { $0 == 1_000 + Budget.jitterHeadroom }, "\(windows)")
    #expect(windows.suffix(15).allSatisfy { $0 == 1_000 + RoundTrips.unseenDelay }, "\(windows)")
  }
}
