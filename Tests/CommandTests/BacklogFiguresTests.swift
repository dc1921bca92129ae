import Delivery
import Foundation
import Larkspur
import Planning
import Testing

@testable import Command

/// What `forecast` reads from the queue.
struct BacklogFiguresTests {
  private let place: Workplace
  private let now_ms: Int

  init() throws {
    let reading = SystemClocks.read(boot: nil)
    now_ms = reading.wall.ms
    place = try Workplace()
    _ = try place.run("enqueue", "preview", "seed", "--everyone")
    // The queue's clock is the wall clock, and a worker has seen everything so far.
    try place.asWorker(
      """
      delete from ask;
      update worker set skew_ms = 0, offset_ms = \(now_ms - reading.sinceBoot.ms),
        newest_ms = \(now_ms);
      insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
      """)
  }

  private func backlog(account: String? = nil) throws -> Backlog {
    let inspector = try Inspector(queue: place.queue)
    let figures = try BacklogFigures(inspector, account: account, try Viewpoint(inspector))
    return try #require(figures.backlogs[1])
  }

  @Test func `lanes are those that wait or are in flight, and those that asks will make`() throws {
    try place.asWorker(
      """
      insert into call (id, account_id, api, started_ms) values (1, 1, 'preview', 1);
      insert into lane (account_id, kind, name, state, audience_id, ready_ms, call_id) values
        (1, 'preview', 'a', 'waiting', 1, 1, null), (1, 'preview', 'b', 'in_flight', 1, 1, 1);
      insert into lane (account_id, kind, name, state) values (1, 'preview', 'c', 'idle');
      insert into ask (lane, body) values
        ('new', '{"everyone":true}'), ('new', '{"everyone":true}'), ('held', '{"everyone":true}');
      update ask set due_ms = 9e12 where lane = 'held';
      """)
    #expect(try backlog().lanes[.preview] == 4)
    #expect(try backlog().lanes[.card] == 0)
  }

  /// Asks for this many lanes in each of the last six times ten seconds.
  private func ask(_ counts: [Int]) throws {
    var rows: [String] = []
    for (slice, count) in counts.enumerated() {
      let moment = now_ms - 55_000 + slice * 10_000
      for lane in 0..<count {
        rows.append("('t\(slice)-\(lane)', '{\"everyone\":true}', \(moment))")
      }
    }
    try place.asWorker(
      "insert into ask (lane, body, asked_ms) values \(rows.joined(separator: ","))")
  }

  @Test func `the rate is what is usually asked for`() throws {
    try ask([20, 20, 20, 20, 20, 20])
    #expect(try backlog().lanesPerSecond == 2)
  }

  @Test func `a burst is not the rate`() throws {
    try ask([0, 0, 500, 0, 0, 0])
    #expect(try backlog().lanesPerSecond == 0)
  }

  @Test func `what is asked for again and again is one lane`() throws {
    for _ in 0..<5 { try ask([3, 3, 3, 3, 3, 3]) }
    #expect(abs(try backlog().lanesPerSecond - 0.3) < 0.001)
  }

  @Test func `calls of this month are those that count for the quota`() throws {
    let month = quotaMonth(of: WallMoment(ms: now_ms))
    try place.asWorker(
      """
      insert into budget (account_id, api, month, month_calls) values
        (1, 'preview', \(month), 30), (1, 'card', \(month), 4), (1, 'session', \(month), 100);
      """)
    #expect(try backlog().monthCalls == 34)
    try place.asWorker("update budget set month = month - 1")
    #expect(try backlog().monthCalls == 0)
  }

  @Test func `the pace is that of the last seven days`() throws {
    try place.asWorker(
      """
      insert into call (account_id, api, started_ms) values
        (1, 'preview', \(now_ms - .days(8))), (1, 'preview', \(now_ms - .days(2))),
        (1, 'card', \(now_ms - .days(1))), (1, 'session', \(now_ms - .days(1)));
      """)
    let pace = try backlog().pace
    #expect(pace.calls == 2)
    #expect(abs(pace.span - .days(2)) < .minutes(5))
  }

  @Test func `only the account that is named is read`() throws {
    try place.asWorker("insert into account (id, name) values (2, 'shop')")
    let inspector = try Inspector(queue: place.queue)
    let figures = try BacklogFigures(inspector, account: "shop", try Viewpoint(inspector))
    #expect(Array(figures.backlogs.keys) == [2])
  }
}
