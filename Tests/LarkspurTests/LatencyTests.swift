import Chance
import Foundation
import Planning
import Testing

@testable import Larkspur

/// The view `latency`, compared with percentiles that are computed here.
struct LatencyTests {
  private let folder: TemporaryFolder
  private let store: WorkerStore
  /// The beginning of an hour. The queue's clock is the wall clock.
  private let hour = 1_699_999_200_000

  init() throws {
    folder = try TemporaryFolder()
    store = try WorkerStore(queue: folder.queue)
    try store.db.run(script: "update worker set skew_ms = 0")
  }

  /// Delivered asks that have waited for this long.
  private func deliver(_ waits: [Int], kind: String = "preview", at moment: Int) throws {
    try store.db.transaction { () throws(StoreError) in
      for wait in waits {
        try store.db.execute(
          "insert into ask (kind, lane, body, asked_ms) values (?, ?, ?, ?)", .text(kind),
          .text(kind == "session" ? "session_1" : "a"),
          .text(kind == "session" ? #"{"metadata":""}"# : #"{"everyone":true}"#),
          .int(moment - wait))
        try store.db.execute(
          "update ask set outcome = 'delivered', ended_ms = ?, call_id = 1 where id = ?",
          .int(moment), .int(store.db.lastInsertID))
      }
    }
  }

  private func rows() throws -> [[Cell]] {
    try Inspector(queue: folder.queue).rows(
      "select account, kind, asks, median, p95, p99, worst from latency"
    ).rows
  }

  /// The smallest wait that at least this many of a hundred do not exceed.
  private func rank(_ percent: Int, of waits: [Int]) -> Cell {
    let sorted = waits.sorted()
    let place = sorted.indices.first { ($0 + 1) * 100 >= percent * sorted.count } ?? 0
    return .real(Double(sorted[place]) / 1_000)
  }

  @Test(arguments: [1, 2, 3, 10, 99, 100, 101, 250])
  func `it gives the middle, the slow ones and the worst`(count: Int) throws {
    var dice = Dice(UInt64(count))
    let waits = (0..<count).map { _ in Int.random(in: 0..<100_000, using: &dice) }
    try deliver(waits, at: hour + 1_000)
    #expect(
      try rows() == [
        [
          .text("default"), .text("preview"), .int(count), rank(50, of: waits),
          rank(95, of: waits), rank(99, of: waits), rank(100, of: waits),
        ]
      ])
  }

  @Test func `hours and kinds are apart, and the newest hour comes first`() throws {
    try deliver([1_000], at: hour)
    try deliver([2_000], at: hour + 3_599_999)
    try deliver([3_000], at: hour + 3_600_000)
    try deliver([4_000], kind: "session", at: hour)
    #expect(
      try rows().map { Array($0[1...3]) } == [
        [.text("preview"), .int(1), .real(3)], [.text("preview"), .int(2), .real(1)],
        [.text("session"), .int(1), .real(4)],
      ])
  }

  @Test func `an hour is written as people and programs read moments`() throws {
    try deliver([0], at: hour + 60_000)
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd HH:mm:ss"
    let text = format.string(from: Date(timeIntervalSince1970: Double(hour) / 1_000))
    #expect(
      try Inspector(queue: folder.queue).rows("select hour from latency").rows == [[.text(text)]])
  }

  @Test func `what was not delivered, or needed no call, is not in it`() throws {
    try deliver([5_000, 6_000, 7_000], at: hour)
    try store.db.run(
      script: """
        update ask set outcome = 'expired' where id = 1;
        update ask set call_id = null where id = 2;
        """)
    #expect(try rows().map { $0[2] } == [.int(1)])
  }

  @Test func `a delay that was asked for is no wait`() throws {
    try deliver([65_000], at: hour)
    try store.db.run(script: "update ask set after_ms = 60000")
    #expect(try rows().map { $0[3] } == [.real(5)])
  }
}

/// The view `budgets`, of which programs know the columns.
struct BudgetViewTests {
  private let folder: TemporaryFolder
  private let store: WorkerStore
  private let now = Moment(Int(Date().timeIntervalSince1970 * 1_000))

  init() throws {
    folder = try TemporaryFolder()
    store = try WorkerStore(queue: folder.queue)
    try store.db.run(
      script: """
        update worker set skew_ms = 0;
        insert into budget (account_id, api, month, month_calls)
        select 1, value, (cast(strftime('%Y', 'now', '+8 hours') as integer) - 1970) * 12
          + cast(strftime('%m', 'now', '+8 hours') as integer) - 1, 40
        from json_each('["preview", "session", "auth"]');
        """)
  }

  private func rows(_ sql: String) throws -> [[Cell]] {
    try Inspector(queue: folder.queue).rows(sql).rows
  }

  @Test func `new columns come after those that programs know`() throws {
    #expect(
      try Inspector(queue: folder.queue).rows("select * from budgets").columns == [
        "account", "api", "last_second", "last_minute", "this_month", "state", "paused_until",
        "why", "quota", "projected",
      ])
  }

  @Test func `the quota is that of the configuration, for the APIs that use it up`() throws {
    #expect(try rows("select distinct quota from budgets") == [[.null]])
    try store.db.run(script: "update account set limits = '{\"monthly_quota\":10000}'")
    #expect(
      try rows("select api, quota from budgets order by api") == [
        [.text("auth"), .null], [.text("preview"), .int(10_000)], [.text("session"), .null],
      ])
  }

  @Test func `which kinds have a quota is as in the program`() throws {
    let names = Kind.allCases.filter { $0.rules.hasQuota }.map(\.rawValue).sorted()
    #expect(
      try rows("select name from kind where has_quota order by name") == names.map { [.text($0)] })
  }

  @Test(arguments: [(calls: 0, age: 0), (calls: 5, age: 60), (calls: 300, age: 86_400)])
  func `the month is projected at the pace of the last calls`(calls: Int, age: Int) throws {
    for call in 0..<calls {
      try store.db.execute(
        "insert into call (account_id, api, started_ms) values (1, 'preview', ?)",
        .of(now - age * 1_000 * (calls - call) / max(1, calls)))
    }
    let pace = CallPace(
      calls: calls, since: calls > 0 ? now - .seconds(age) : nil, at: now)
    let left = nextQuotaMonth(after: WallMoment(ms: now.ms)).ms - now.ms
    guard
      case .int(let projected)? = try rows(
        "select projected from budgets where api = 'preview'"
      ).first?.first
    else {
      Issue.record("it is no number")
      return
    }
    // A little time passes between the two.
    let expected = 40 + pace.expected(within: left)
    #expect(abs(projected - expected) <= 1 + expected / 100)
  }
}
