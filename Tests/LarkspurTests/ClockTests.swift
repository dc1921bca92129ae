import Chance
import Planning
import Testing

@testable import Larkspur

/// A queue whose machine's clock has changed since it was last used. A preview that was claimed at
/// 0 may be sent again after 15 s: its call may take 10 s, and the slot is 5 s after that.
struct ClockTests {
  let folder: TemporaryFolder
  let store: WorkerStore
  private let wall = 1_700_000_000_000
  private let charge = 15_005

  init() throws {
    folder = try TemporaryFolder()
    store = try WorkerStore(queue: folder.queue)
  }

  /// Claims a lane on a machine that has been up for an hour.
  private func claim(boot: String?) throws {
    _ = try Intake(queue: folder.queue).add([.preview("a", for: .everyone)])
    try store.transaction { () throws(StoreError) in
      let reading = ClockReading(wall_ms: wall, sinceBoot_ms: 3_600_000, boot: boot)
      try store.setClock(reading, charged: try store.chargedLanes())
      let now = store.clocks.queue(reading.sinceBoot)
      _ = try store.fold(at: now, limit: 10)
      var settled = Settled()
      let channel = Channel(account: try store.account("default"), kind: .preview)
      let flight = try store.claim(
        channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: now,
        timeout: 10_000, &settled)
      #expect(flight != nil)
    }
  }

  /// Starts a run and returns its moment.
  private func start(wall: Int, sinceBoot: Int, boot: String?) throws -> Moment {
    try store.transaction { () throws(StoreError) in
      let reading = ClockReading(wall_ms: wall, sinceBoot_ms: sinceBoot, boot: boot)
      try store.setClock(reading, charged: try store.chargedLanes())
      return store.clocks.queue(reading.sinceBoot)
    }
  }

  private func number(_ sql: String) throws -> Int {
    guard case .int(let number)? = try Inspector(queue: folder.queue).rows(sql).rows.first?.first
    else { return -1 }
    return number
  }

  private func moment(_ sql: String) throws -> Moment { Moment(ms: try number(sql)) }

  private func waitsStill(at now: Moment) throws -> Span {
    Moment(ms: try number("select slot_ms from lane")) - now
  }

  @Test(
    arguments: [-3_000_000, -1_500, 0, 1_500, 100_000, 90_000_000], [-3_600_000, 0, 3_600_000])
  func `on another clock a lane is never early, and late by no more than its charge`(
    gain: Int, step: Int
  ) throws {
    try claim(boot: "b")
    let now = try start(wall: wall + 2_000 + step, sinceBoot: 3_602_000 + gain, boot: "b elsewhere")
    let left = try waitsStill(at: now)
    #expect(left >= charge - 2_000 && left <= charge)
  }

  @Test func `moving back and forth between two clocks makes no lane early or late`() throws {
    try claim(boot: "inside")
    for visit in 1...6 {
      let isInside = visit % 2 == 0
      let now = try start(
        wall: wall + visit * 500, sinceBoot: 3_600_000 + visit * 500 + (isInside ? 0 : 86_400_000),
        boot: isInside ? "inside" : "outside")
      let left = try waitsStill(at: now)
      #expect(left >= charge - visit * 500 && left <= charge)
    }
  }

  @Test(arguments: ["b", nil])
  func `a clock of the same name that went back keeps no lane for longer than its charge`(
    boot: String?
  ) throws {
    try claim(boot: boot)
    let now = try start(wall: wall + 2_000, sinceBoot: 1_000, boot: boot)
    let left = try waitsStill(at: now)
    #expect(left >= charge - 2_000 && left <= charge)
  }

  @Test func `without a name a clock that has gained a little makes nothing early`() throws {
    try claim(boot: nil)
    let now = try start(wall: wall + 2_000, sinceBoot: 3_603_500, boot: nil)
    let left = try waitsStill(at: now)
    #expect(left >= charge - 2_000 && left <= charge)
  }

  /// The names of two starts, by how much more the wall clock has gone on between them than the
  /// other, and whether the second one is on another clock.
  private static let starts: [(String?, String?, Int, Bool)] = [
    (nil, nil, 0, false), (nil, nil, 1_999, false), (nil, nil, -1_999, false),
    (nil, nil, 2_000, true), (nil, nil, -2_000, true), ("b", nil, 0, true), (nil, "b", 0, true),
    ("b", "c", 0, true), ("b", "b", 3_600_000, false),
  ]

  @Test(arguments: starts)
  func `a clock is the same by its name, or if it has none and neither clock was set`(
    before: String?, after: String?, step: Int, isOther: Bool
  ) throws {
    _ = try start(wall: wall, sinceBoot: 3_600_000, boot: before)
    let reading = ClockReading(
      wall_ms: wall + 5_000 + step, sinceBoot_ms: 3_605_000, boot: after)
    #expect(try store.isOtherClock(reading) == isOther)
  }

  @Test(arguments: [(3_605_000, "b"), (1_000, "c"), (1_000, "b"), (3_605_000, nil)])
  func `a reader of the file has the clocks that a worker would set`(sinceBoot: Int, boot: String?)
    throws
  {
    let inspector = try Inspector(queue: folder.queue)
    let first = ClockReading(wall_ms: wall, sinceBoot_ms: 3_600_000, boot: "b")
    #expect(try inspector.clocks(first) == Clocks(offset: wall - 3_600_000))
    _ = try start(wall: wall, sinceBoot: 3_600_000, boot: "b")
    let next = ClockReading(wall_ms: wall + 5_500, sinceBoot_ms: sinceBoot, boot: boot)
    let read = try inspector.clocks(next)
    _ = try start(wall: wall + 5_500, sinceBoot: sinceBoot, boot: boot)
    #expect(read == store.clocks)
  }

  @Test(arguments: [-3_600_000, 3_600_000])
  func `a wall clock that was set before a restart brings no pause to an earlier end`(step: Int)
    throws
  {
    try claim(boot: "b")
    try store.transaction { () throws(StoreError) in
      try store.keepTime(
        ClockReading(wall_ms: wall + step, sinceBoot_ms: 3_600_000, boot: "b"))
      try store.db.execute(
        "insert into budget (account_id, api, paused_ms) values (1, 'preview', ?1 + 52000)",
        .int(wall))
    }
    let now = try start(wall: wall + step + 2_000, sinceBoot: 1_000, boot: "elsewhere")
    #expect(try moment("select paused_ms from budget") - now == 50_000)
  }

  @Test func `what waits for other reasons is due when it was, by the clock on the wall`() throws {
    try claim(boot: "b")
    try store.transaction { () throws(StoreError) in
      _ = try store.recover(at: Moment(ms: wall))
      try store.db.execute(
        "update lane set slot_ms = ?1, ready_ms = ?1 + 300000", .int(wall))
      try store.db.execute(
        "insert into budget (account_id, api, paused_ms) values (1, 'preview', ?1 + 52000)",
        .int(wall))
      try store.db.execute(
        """
        update account set parked = 'address', parked_why = 'x', probe_ms = ?1 + 900000
        """, .int(wall))
      try store.db.execute(
        "update ask set due_ms = ?1 + 60000, expires_ms = ?1 + 70000", .int(wall))
    }
    let now = try start(wall: wall + 2_000, sinceBoot: 90_000_000, boot: "elsewhere")
    #expect(try moment("select ready_ms from lane") - now == 298_000)
    #expect(try moment("select paused_ms from budget") - now == 50_000)
    #expect(try moment("select probe_ms from account") - now == 898_000)
    #expect(try moment("select due_ms from ask") - now == 58_000)
    #expect(try moment("select expires_ms from ask") - now == 68_000)
  }

  @Test func `calls of the last minute are still counted where it has a limit`() throws {
    try claim(boot: "b")
    try store.transaction { () throws(StoreError) in
      try store.keepTime(
        ClockReading(wall_ms: wall + 30_000, sinceBoot_ms: 3_630_000, boot: "b"))
    }
    let now = try start(wall: wall + 7_200_000, sinceBoot: 1_000, boot: "elsewhere")
    let counted = try store.transaction { () throws(StoreError) in
      _ = try store.recover(at: now)
      return try store.recentCalls(
        try store.account("default"), .preview, within: .minutes(1), longestCall: 12_000, at: now)
    }
    #expect(counted.map(\.left) == [now - 30_000])
  }

  @Test func `calls of the last second are still counted against it`() throws {
    try claim(boot: "b")
    let now = try start(wall: wall + 200, sinceBoot: 90_000_000, boot: "elsewhere")
    let counted = try store.transaction { () throws(StoreError) in
      _ = try store.recover(at: now)
      return try store.recentCalls(
        try store.account("default"), .preview, within: .seconds(1), longestCall: 12_000,
        at: now)
    }
    #expect(counted.count == 1 && counted.allSatisfy { $0.moment > now - 1_000 })
  }
}
