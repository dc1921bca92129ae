import Chance
import Foundation
import Larkspur
import Planning
import Testing

@testable import Delivery

/// The figures of a worker, compared with what the simulated Feishu has received.
struct MetricsTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func stay(for span: Span) throws {
    bench.world.after(span) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    bench.world.stopRequests = 0
  }

  private func total(_ counts: [QueueFigures.Owner: [String: Int]]?, _ outcome: String) -> Int {
    counts?.values.reduce(0) { $0 + ($1[outcome] ?? 0) } ?? 0
  }

  private var last: QueueFigures? { bench.figures.last?.figures }

  @Test func `at the end they say what has arrived`() throws {
    for token in 0..<37 { bench.ask("t\(token)", "ou_1") }
    bench.ask("bad", "ou_2")
    bench.feishu.badTokens = ["bad"]
    try bench.run()
    let arrivals = bench.feishu.arrivals
    let applied = arrivals.filter(\.wasApplied)
    #expect(last?.refreshes == applied.reduce(0) { $0 + $1.tokens.count })
    #expect(total(last?.calls, "delivered") - bench.feishu.tokenRequests == applied.count)
    #expect(total(last?.calls, "refused") == arrivals.count - applied.count)
    #expect(total(last?.asks, "delivered") == 37)
    #expect(total(last?.asks, "dead") == 1)
    #expect(last?.staleness.count == 37)
    #expect(last?.deadLanes == 1)
  }

  @Test func `how long asks waited is from the ask to the answer`() throws {
    bench.ask("a", "ou_1")
    bench.withholdTokens(for: 40_000)
    try stay(for: .minutes(2))
    let arrival = try #require(bench.feishu.arrivals.first).at
    #expect(last?.staleness.sum == arrival + bench.feishu.latency_ms - bench.start)
  }

  @Test func `a busy worker shows them every 15 s and at the end`() throws {
    for token in 0..<3_000 { bench.ask("t\(token)", "ou_\(token)") }
    try bench.run(.stay, for: 120_000)
    let moments = bench.figures.map(\.at)
    for (one, next) in zip(moments, moments.dropFirst().dropLast()) {
      #expect((15_000...31_000).contains(next - one))
    }
    #expect(moments.last == bench.world.now)
  }

  @Test func `what they count only grows, over runs and prunings`() throws {
    var seen = 0
    for day in 0..<20 {
      for token in 0..<5 { bench.ask("t\(day)-\(token)", "ou_1") }
      try stay(for: .days(1))
      for (_, figures) in bench.figures {
        let delivered = total(figures.asks, "delivered")
        #expect(delivered >= seen)
        seen = delivered
      }
      bench.figures = []
    }
    #expect(seen == 100)
    #expect(try bench.number("select count(*) from ask") < 100)
  }

  @Test func `an idle worker is woken once more to count, and shows them once a minute`() throws {
    try stay(for: .hours(1))
    let idle = bench.world.waits
    bench.ask("a", "ou_1")
    bench.world.waits = 0
    try stay(for: .hours(1))
    // The ask, its token, and their answers take four waits, and counting takes one.
    #expect(bench.world.waits <= idle + 10)
    #expect(bench.figures.count <= 2 * 62)
    let counted = bench.figures.first { total($0.figures.asks, "delivered") == 1 }
    #expect(try #require(counted).at - bench.start - 3_600_000 < 16_000)
  }

  @Test func `what a run that was killed has ended is counted by the next one`() throws {
    bench.ask("a", "ou_1")
    try bench.run()
    // As if it had not come to count.
    bench.tamper(
      """
      update worker set counted_ms = 0, counted_ask = 0, counted_call = 0;
      delete from total; delete from staleness;
      """)
    bench.ask("b", "ou_1")
    try bench.run()
    #expect(total(last?.asks, "delivered") == 2)
    #expect(last?.staleness.count == 2)
  }

  @Test func `a history that takes many slices is counted before it is pruned`() throws {
    for _ in 0..<3_000 { bench.ask("a", "ou_1") }
    try bench.run()
    // As after an update from a version that counted nothing, a week and more later.
    bench.tamper(
      """
      update worker set counted_ms = 0, counted_ask = 0, counted_call = 0;
      delete from total; delete from staleness;
      """)
    bench.world.now += .days(20)
    try stay(for: .hours(1))
    #expect(total(last?.asks, "delivered") == 3_000)
    #expect(try bench.number("select count(*) from ask") == 0)
  }

  @Test func `a million years of nonsense in a row does not end the run`() throws {
    bench.ask("a", "ou_1")
    try bench.run()
    bench.tamper("update total set count = 9223372036854775807; update worker set counted_ms = -5")
    let ask = bench.ask("b", "ou_1")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `lanes are counted by what they wait for`() throws {
    bench.ask("a", "ou_1")
    bench.ask("later", "ou_1", after: 60_000)
    bench.secret = .success("s")
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(
          status: 200, headers: [:], body: Array(#"{"code":10014,"msg":"secret invalid"}"#.utf8)))
    }
    try bench.run(.once)
    let owner = QueueFigures.Owner(account: "default", api: "preview")
    #expect(last?.lanes[owner]?.filter { $0.value > 0 } == [.parked: 1])
    #expect(last?.accounts.map(\.trouble) == [.credentials])
  }
}

/// When figures are shown.
struct FigurePaceTests {
  private func moments(quietFor span: Span) -> [Int] {
    var pace = FigurePace()
    return (0..<100).filter { pace.isDue(at: Moment(ms: $0 * 1_000), quietFor: span) }
  }

  @Test func `between calls, every 15 s`() {
    #expect(moments(quietFor: 200) == [0, 15, 30, 45, 60, 75, 90])
  }

  @Test func `where there is never a gap, half as often`() {
    #expect(moments(quietFor: 0) == [0, 30, 60, 90])
  }
}
