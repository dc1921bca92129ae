import Chance
import Delivery
import Foundation
import Planning
import Testing

@testable import Larkspur

/// The queue itself cannot be written.
struct StoreTrouble {
  /// Another program that holds the write lock between two moments.
  private func lock(_ bench: Bench, from: Int, until: Int) throws {
    let other = Holder(try Connection(path: bench.path, mode: .readWrite, patience_ms: 1_000))
    bench.world.after(from) { other.run("begin immediate") }
    bench.world.after(until) { other.run("rollback") }
  }

  private final class Holder {
    let connection: Connection

    init(_ connection: consuming Connection) { self.connection = connection }

    func run(_ sql: String) {
      do { try connection.run(script: sql) } catch { Issue.record("\(sql): \(error)") }
    }
  }

  @Test func `answers that come while it is locked are kept, and nothing is sent twice`() throws {
    let bench = try Bench()
    for token in 0..<200 { bench.ask("t\(token)", "ou_1") }
    try lock(bench, from: 1_060, until: 4_000)
    try bench.run()
    #expect(bench.feishu.arrivals.count == 20)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 200)
    #expect(bench.feishu.violations == [])
    let gap = zip(bench.feishu.arrivals, bench.feishu.arrivals.dropFirst())
      .map { $1.at - $0.at }.max()
    #expect(gap ?? 0 >= 2_500, "calls were made while they could not be written down")
    let isTold = bench.events.contains { if case .storeFailed = $0 { true } else { false } }
    #expect(isTold)
  }

  @Test func `locked before the start, it is waited for`() throws {
    let bench = try Bench()
    let ask = bench.ask("a")
    let other = Holder(try Connection(path: bench.path, mode: .readWrite))
    other.run("begin immediate")
    bench.world.after(700) { other.run("rollback") }
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `files that are removed before the run begins have been announced to other programs`()
    throws
  {
    // The bench keeps the queue open, so the worker cannot put it right.
    let bench = try Bench()
    bench.ask("a")
    guard case .taken(let lock) = try WorkerLock.take(queue: bench.path) else {
      Issue.record("another worker is there")
      return
    }
    let store = try WorkerStore(queue: bench.path, patience_ms: 1)
    try FileManager.default.removeItem(atPath: bench.path + "-shm")
    // In one process all connections share one index, so only the announcement can be looked at.
    var announced = ""
    bench.world.after(20) {
      announced = (try? String(contentsOfFile: bench.path + ".worker", encoding: .utf8)) ?? ""
    }
    let worker = Worker(
      store: store, world: bench.world, accounts: [bench.settings], mode: WorkMode(goal: .once),
      callTimeout: 10_000, readSecret: { _ in .success("s") }, report: { _ in })
    #expect(throws: StoreError.self) { try worker.run() }
    #expect(announced.contains("\nfiles "))
    _ = consume lock
  }

  @Test func `a run that has an end does not wait for ever`() throws {
    let bench = try Bench()
    bench.ask("a")
    let other = Holder(try Connection(path: bench.path, mode: .readWrite))
    other.run("begin immediate")
    #expect(throws: StoreError.self) { try bench.run() }
    other.run("rollback")
  }

  @Test(arguments: 0..<20)
  func `locked again and again, nothing is lost and no rule is broken`(seed: UInt64) throws {
    let bench = try Bench(seed: seed)
    var dice = Dice(seed)
    bench.feishu.fault = { _, _ in
      switch Int.random(in: 0..<10, using: &dice) {
      case 0: .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "1"])
      case 1: .slow(800)
      default: nil
      }
    }
    for token in 0..<200 { bench.ask("t\(token)", "ou_\(token % 3)") }
    var moment = 10
    for _ in 0..<12 {
      moment += Int.random(in: 1...900, using: &dice)
      let until = moment + Int.random(in: 1...300, using: &dice)
      try lock(bench, from: moment, until: until)
      moment = until
    }
    try bench.run()
    try #require(bench.feishu.violations == [], "seed \(seed)")
    try #require(
      try bench.number("select count(*) from ask where outcome = 'delivered'") == 200,
      "seed \(seed)")
  }

  @Test func `a turn that is undone in the middle leaves no trace in memory either`() throws {
    let bench = try Bench()
    for token in 0..<100 { bench.ask("t\(token)", "ou_1") }
    let store = try WorkerStore(queue: bench.path, patience_ms: 1)
    func limitPages(_ count: String) {
      do { try store.db.run(script: "pragma max_page_count = \(count)") } catch {
        Issue.record(error)
      }
    }
    // From here on the file cannot grow. What a turn has settled and claimed is rolled back because
    // the fold or the history no longer fits.
    bench.world.after(1_020) {
      limitPages("1")
      for token in 0..<300 {
        bench.ask("u\(token)-\(String(repeating: "x", count: 200))", "ou_\(token % 7)")
      }
    }
    bench.world.after(6_000) { limitPages("1000000") }
    let worker = Worker(
      store: store, world: bench.world, accounts: [bench.settings],
      mode: WorkMode(goal: .untilEmpty), callTimeout: 10_000,
      readSecret: { _ in .success("s") }, report: { bench.events.append($0) })
    let result = try worker.run()
    let isTold = bench.events.contains { if case .storeFailed = $0 { true } else { false } }
    #expect(isTold)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 400)
    #expect(result.progress.calls == bench.feishu.arrivals.count)
    #expect(result.progress.lanesDone == 400 && result.progress.lanesLeft == 0)
    #expect(bench.feishu.violations == [])
  }
}
