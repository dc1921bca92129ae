import Chance
import Planning
import Testing

@testable import Larkspur

/// The totals of a queue whose rows come and go. What is expected is written down in each test.
struct TotalsTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  private var now: Moment { queue.now }

  /// Brings the totals up to date as the loop does.
  private func count(rows: Int = 1_000, at moment: Moment? = nil) throws {
    while try !queue.store.transaction({ () throws(StoreError) in
      try queue.store.addToTotals(endedBefore: moment ?? now + 1, rows: rows)
    }) {}
  }

  private func asks() throws -> [String: Int] {
    let figures = try queue.store.figures(at: WallMoment(ms: now.ms))
    return figures.asks.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
  }

  private func run(_ script: String) throws {
    try Connection(path: queue.folder.queue, mode: .readWrite, patience_ms: 1_000)
      .run(script: script)
  }

  /// Ends one ask in this way.
  private func end(_ token: String, _ fate: Fate = .delivered) throws {
    try queue.ask(.preview(token, for: .people(["ou_\(token)"])))
    try queue.settle(try #require(try queue.claim()), [fate])
  }

  @Test func `each ask is counted once, by how it ended`() throws {
    try end("a")
    try end("b")
    try end("c", .dead())
    try count()
    try count()
    #expect(try asks() == ["delivered": 2, "dead": 1])
  }

  @Test(arguments: 1...4) func `small slices come to the same`(rows: Int) throws {
    for token in 0..<7 { try end("t\(token)", token < 3 ? .dead() : .delivered) }
    try count(rows: rows)
    #expect(try asks() == ["delivered": 4, "dead": 3])
  }

  @Test func `what ends in the millisecond of the count is counted the next time`() throws {
    try end("a")
    try count(at: now)
    #expect(try asks() == [:])
    try count(at: now + 1)
    #expect(try asks() == ["delivered": 1])
  }

  @Test func `pruning takes nothing away`() throws {
    try end("a")
    try count()
    _ = try Inspector(queue: queue.folder.queue).prune(olderThan_ms: -10_000_000) { _ in true }
    try count()
    #expect(try asks() == ["delivered": 1])
    #expect(try queue.rows("select count(*) from ask") == [[.int(0)]])
  }

  @Test func `what is pruned before it was counted is counted all the same`() throws {
    try end("a")
    try end("b")
    _ = try Inspector(queue: queue.folder.queue).prune(olderThan_ms: -10_000_000) { _ in true }
    #expect(
      try queue.rows("select count(*) from ask union all select count(*) from call")
        == [[.int(0)], [.int(0)]])
    try count()
    #expect(try asks() == ["delivered": 2])
    let figures = try queue.store.figures(at: WallMoment(ms: now.ms))
    #expect(figures.calls.values.map { $0.values.reduce(0, +) } == [2])
    #expect(figures.staleness.count == 2)
  }

  @Test func `rows that people delete stay counted, and are counted once`() throws {
    try end("a")
    try count()
    try end("b")
    try run("delete from ask; delete from call")
    try count()
    try count()
    #expect(try asks() == ["delivered": 2])
  }

  @Test func `an open ask that is deleted has not ended`() throws {
    try queue.ask(.preview("a", for: .everyone))
    try run("delete from ask")
    try count()
    #expect(try asks() == [:])
  }

  @Test(arguments: [true, false])
  func `an ask that dies, is retried and delivered has done both`(isCounted: Bool) throws {
    try end("a", .dead())
    // It has died before, and not in the very millisecond of its delivery.
    try queue.store.db.run(script: "update ask set ended_ms = ended_ms - 10")
    if isCounted { try count() }
    #expect(try Inspector(queue: queue.folder.queue).retry(.all(account: nil)) == 1)
    try queue.ask([])
    try queue.settle(try #require(try queue.claim()), [.delivered])
    try count()
    #expect(try asks() == ["dead": 1, "delivered": 1])
  }

  @Test(arguments: [true, false])
  func `a dead ask that is cancelled has done both`(isCounted: Bool) throws {
    try end("a", .dead())
    if isCounted { try count() }
    _ = try Inspector(queue: queue.folder.queue).cancel(lane: "a", account: nil)
    // The command reads the wall clock of this machine, which is years ahead of the queue's.
    try count(at: .max)
    #expect(try asks() == ["dead": 1, "cancelled": 1])
  }

  @Test func `what is ended by hand at a moment that was counted already is not missed`() throws {
    try end("a")
    try queue.ask(.preview("b", for: .everyone))
    try count()
    try run("update ask set outcome = 'cancelled', ended_ms = 1 where outcome is null")
    try count()
    #expect(try asks() == ["delivered": 1, "cancelled": 1])
  }

  @Test func `many asks that ended in one moment are counted in slices`() throws {
    try queue.ask((0..<50).map { .preview("t\($0)", for: .everyone) })
    try run("update ask set outcome = 'cancelled', ended_ms = \(now.ms)")
    try count(rows: 7)
    #expect(try asks() == ["cancelled": 50])
  }

  @Test func `a call counts once it has ended, also if a later one ends first`() throws {
    try queue.ask(.preview("a", for: .people(["ou_1"])))
    let first = try #require(try queue.claim())
    try end("b")
    try count()
    func calls() throws -> [String: Int] {
      let figures = try queue.store.figures(at: WallMoment(ms: now.ms))
      return figures.calls.values.first ?? [:]
    }
    #expect(try calls() == [:])
    try queue.settle(first, [.delivered])
    try count()
    #expect(try calls() == ["refused": 2])
  }

  @Test func `refreshes are the tokens in accepted calls`() throws {
    try queue.ask((0..<4).map { .preview("t\($0)", for: .everyone) })
    let call = try #require(try queue.claim())
    _ = try queue.store.transaction { () throws(StoreError) in
      try queue.store.settle(
        call, Settlement(slot: now, fates: call.lanes.map { _ in .delivered }),
        CallRecord(outcome: "delivered"), reason: "", at: now)
    }
    try end("refused", .dead())
    try count()
    #expect(try queue.store.figures(at: WallMoment(ms: now.ms)).refreshes == 4)
  }

  @Test(arguments: [
    (asked: 0, after: 0, bucket: 100), (asked: 99, after: 0, bucket: 100),
    (asked: 101, after: 0, bucket: 250), (asked: 5_000, after: 0, bucket: 5_000),
    (asked: 65_000, after: 60_000, bucket: 5_000), (asked: 3_600_001, after: 0, bucket: Int.max),
    // The clock of the program that asked was ahead.
    (asked: -50_000, after: 0, bucket: 100),
  ])
  func `a wait begins when the ask may go, and is put into its bucket`(
    asked: Int, after: Int, bucket: Int
  ) throws {
    let moment = now.ms - asked
    try run(
      """
      insert into ask (lane, body, asked_ms, after_ms)
      values ('a', '{"everyone":true}', \(moment), \(after))
      """)
    try queue.ask([])
    try queue.settle(try #require(try queue.claim()), [.delivered])
    try count()
    #expect(
      try queue.rows("select up_to_ms, asks, took_ms from staleness")
        == [[.int(bucket), .int(1), .int(max(0, asked - after))]])
  }

  @Test func `numbers that make no sense stop nobody`() throws {
    try end("a")
    try count()
    try run(
      "update total set count = 9223372036854775807, lanes = -1; update staleness set took_ms = 9223372036854775807"
    )
    try end("b")
    try run("update worker set counted_ms = 9223372036854775807, counted_call = 99999")
    try end("c")
    try count(at: now + 5)
    #expect(try queue.rows("select count(*) from uncounted_ask") == [[.int(0)]])
  }
}
