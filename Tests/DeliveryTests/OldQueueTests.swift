import Foundation
import Planning
import Testing

@testable import Delivery
@testable import Larkspur

/// A queue as the programs with schema 3 left it. They were killed twice, in the middle of their
/// calls. It has lanes in flight, some of them asked for again in the meantime; lanes under
/// suspicion; a large audience that is partly reached; a batch that may have been applied and one
/// that was not sent; asks that are dead, delivered, cancelled, delayed, and not folded yet; and a
/// user who was refused.
struct OldQueueTests {
  private struct Row {
    let id: Int
    let kind: String
    let lane: String
    let people: [String]?
    let outcome: String?
  }

  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "OldQueue/schema-3.sql")

  private let bench: Bench
  private let before: [Row]

  init() throws {
    let script = try String(contentsOf: Self.script, encoding: .utf8)
    bench = try Bench(from: script)
    // It was left a second ago.
    bench.world.wallOffset = 1_796_061_013_000 - bench.world.now
    bench.feishu.badTokens = ["bad_token_2"]
    before = try Self.rows(bench)
  }

  private static func rows(_ bench: Bench) throws -> [Row] {
    try bench.intake.db.all(
      "select id, kind, lane, body ->> '$.open_ids', outcome from ask order by id"
    ) { (row) throws(StoreError) in
      let people = row.optionalText(3).flatMap {
        try? JSONDecoder().decode([String].self, from: Data($0.utf8))
      }
      return Row(
        id: row.int(0), kind: row.text(1), lane: row.text(2), people: people,
        outcome: row.optionalText(4))
    }
  }

  @Test func `it is worked off, and every ask ends as it should`() throws {
    try bench.run(.untilEmpty)
    let after = try Self.rows(bench)
    #expect(after.count == before.count)
    for (old, new) in zip(before, after) {
      let isBad = old.lane == "bad_token_2"
      #expect(new.outcome == old.outcome ?? (isBad ? "dead" : "delivered"), "ask \(old.id)")
    }
    #expect(bench.feishu.violations.isEmpty)
    #expect(bench.feishu.cards.violations.isEmpty)
  }

  @Test func `the users still to be reached are reached, and nobody else`() throws {
    try bench.run(.untilEmpty)
    let open = before.filter { $0.outcome == nil && $0.kind == "preview" }
    for lane in Set(open.map(\.lane)).subtracting(["bad_token_2"]) {
      let calls = bench.feishu.arrivals.filter { $0.wasApplied && $0.tokens.contains(lane) }
      let asks = open.filter { $0.lane == lane }
      let reached = Set(calls.flatMap { $0.people ?? ["everyone"] })
      let wanted = Set(asks.flatMap { $0.people ?? ["everyone"] })
      #expect(reached.isSubset(of: wanted), "\(lane)")
      // Part of the large audience had been reached by a call that was answered.
      if lane != "large" { #expect(wanted.isSubset(of: reached), "\(lane)") }
    }
    let large = bench.feishu.arrivals.filter { $0.wasApplied && $0.tokens.contains("large") }
    #expect(Set(large.flatMap { $0.people ?? [] }).count == 130)
    #expect(bench.feishu.arrivals.allSatisfy { !$0.tokens.contains { $0.hasPrefix("done-") } })
  }

  @Test
  func
    `what was in flight is left alone for as long as its call may still arrive, and its slot lasts`()
    throws
  {
    try bench.run(.untilEmpty)
    let first = bench.feishu.arrivals.first { $0.tokens.contains("again-1") }
    // Those programs allowed a call ten seconds, and it may have arrived at the end of them.
    #expect(try #require(first).at - bench.start >= 13_000)
  }

  @Test func `a delayed ask keeps its hour, and a session gets what was asked last`() throws {
    try bench.run(.untilEmpty)
    let late = try #require(bench.feishu.arrivals.first { $0.tokens.contains("late") })
    #expect(late.at - bench.start > 3_400_000)
    #expect(bench.feishu.cards.sessions["session_3"]?["metadata"] == "three")
  }
}
