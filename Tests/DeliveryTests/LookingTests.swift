import Delivery
import Foundation
import Planning
import Testing

@testable import Larkspur

/// What the loop tells a service manager, which has it wake up often enough.
struct LookingTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func stay(for span: Span) throws {
    bench.world.after(span) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    bench.world.stopRequests = 0
  }

  private var phases: [WorkPhase] {
    bench.looks.map(\.phase).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  private var longestGap: Int {
    zip(bench.looks, bench.looks.dropFirst()).map { $1.at - $0.at }.max() ?? .max
  }

  @Test func `it looks as often as it is told to`() throws {
    bench.longestNap = 7_000
    try stay(for: 600_000)
    #expect(longestGap <= 7_000)
    #expect(phases == [.working, .stopping])
  }

  @Test func `without a bound it sleeps as long as before`() throws {
    let unwatched = try LookingTests()
    try unwatched.stay(for: 3_600_000)
    bench.longestNap = .max
    try stay(for: 3_600_000)
    #expect(bench.world.waits == unwatched.bench.world.waits)
  }

  @Test func `so it does while Feishu cannot be reached`() throws {
    bench.longestNap = 7_000
    bench.ask("a", "ou_1")
    bench.feishu.fault = { _, _ in .neverLeft("no route") }
    try stay(for: 600_000)
    #expect(longestGap <= 7_000)
  }

  /// Another program's connection that holds the write lock.
  private final class Holder {
    let connection: Connection

    init(_ path: String) throws { connection = try Connection(path: path, mode: .readWrite) }

    func run(_ sql: String) {
      do { try connection.run(script: sql) } catch { Issue.record("\(sql): \(error)") }
    }
  }

  @Test(arguments: [0, 60_000])
  func `and while the queue is locked`(since began: Int) throws {
    bench.longestNap = 400
    // Due while it is locked.
    bench.ask("a", "ou_1", after: 70_000)
    let other = try Holder(bench.path)
    if began == 0 { other.run("begin immediate") }
    if began > 0 { bench.world.after(began) { other.run("begin immediate") } }
    bench.world.after(180_000) { other.run("rollback") }
    try stay(for: 240_000)
    #expect(longestGap <= 400)
    let before: [WorkPhase] = began == 0 ? [.starting] : [.working, .standingBy]
    #expect(phases == before + [.working, .stopping])
  }
}
