import Delivery
import Foundation
import Larkspur
import Planning
import Testing

struct Ending {
  @Test func `asked to end, a run waits for what is in flight and starts nothing`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 3_000
    for token in 0..<200 { bench.ask("t\(token)", "ou_1") }
    bench.world.after(3_500) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(bench.feishu.arrivals.count == 5)
    #expect(try bench.number("select count(*) from call where ended_ms is null") == 0)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 50)
  }

  @Test func `once leaves what comes due later to the next run`() throws {
    let bench = try Bench()
    let people = (0..<150).map { "ou_\(1_000 + $0)" }
    bench.ask("large", audience: .people(people))
    bench.ask("later", after: 60_000)
    for token in 0..<100 { bench.ask("t\(token)") }
    bench.world.after(30) { bench.ask("new") }
    try bench.run(.once)
    #expect(bench.feishu.arrivals.count == 11)
    #expect(!bench.feishu.arrivals.contains { $0.tokens.contains("new") })
    try bench.run(.untilEmpty)
    #expect(bench.feishu.arrivals.count == 14)
  }

  @Test func `time that is up ends a run between calls`() throws {
    let bench = try Bench()
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    try bench.run(.untilEmpty, for: 5_000)
    #expect(bench.feishu.arrivals.count == 25)
    #expect(bench.world.now - bench.start < 5_200)
  }

  @Test func `a lane that is not due yet was not left for want of time`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("last", "ou_2", after: 2_500)
    bench.world.after(1_000) { bench.ask("a", "ou_1") }
    #expect(try bench.run(.untilEmpty, for: 3_000).leftBehind == nil)
    #expect(bench.feishu.arrivals.map(\.tokens) == [["a"], ["last"]])
  }

  @Test func `an account nobody has configured keeps its lanes and is named`() throws {
    let bench = try Bench()
    let ask = bench.ask("a", account: "other")
    try bench.run()
    #expect(try bench.state(ask) == .open)
    let isNamed = bench.events.contains { event in
      if case .unknownAccount("other") = event { true } else { false }
    }
    #expect(isNamed)
  }

  @Test func `two accounts do not slow each other`() throws {
    let bench = try Bench()
    for token in 0..<100 { bench.ask("t\(token)", "ou_1") }
    for token in 0..<100 { bench.ask("t\(token)", "ou_1", account: "other") }
    let store = try WorkerStore(queue: bench.path)
    var other = bench.settings
    other.name = "other"
    bench.feishu.callsPerSecond = 10
    let worker = Worker(
      store: store, world: bench.world, accounts: [bench.settings, other],
      mode: WorkMode(goal: .untilEmpty), callTimeout: 10_000,
      readSecret: { _ in .success("s") }, report: { _ in })
    _ = try worker.run()
    #expect(bench.feishu.arrivals.count == 20)
    #expect(bench.world.now - bench.start < 1_200)
  }
}
