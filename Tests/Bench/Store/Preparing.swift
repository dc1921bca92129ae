import Larkspur
import Planning

/// A queue with this many waiting lanes, each with one ask, made in seconds with bulk inserts.
/// Every ten in a row want the same three users.
enum Preparing {
  /// At this moment on the queue's clock, all lanes have been due for a while.
  static let moment = 1_600_000_000_000
  static let boot = "bench"

  static func run(queue path: String, lanes: Int, isScattered: Bool) throws {
    let audiences = max(1, min(lanes / 10, 1_000))
    try storeAudiences(audiences, queue: path)
    let intake = try Intake(queue: path)
    let schema = try checksAndIndexes(intake)
    try intake.db.run(
      script: """
        pragma journal_mode = off;
        pragma synchronous = off;
        pragma cache_size = -1000000;
        delete from ask;
        delete from lane;
        """)
    for (kind, name, _) in schema { try intake.db.run(script: "drop \(kind) \(name)") }
    try intake.db.run(script: rows(lanes, audiences, isScattered))
    for (_, _, sql) in schema { try intake.db.run(script: sql) }
    try intake.db.run(script: "pragma journal_mode = wal")
  }

  /// The worker's own code stores them, because it finds them by its own hash.
  private static func storeAudiences(_ count: Int, queue path: String) throws {
    let intake = try Intake(queue: path)
    _ = try intake.add(
      (0..<count).map { number in
        .preview("seed_\(number)", for: .people((0..<3).map { person(number * 3 + $0) }))
      })
    let store = try WorkerStore(queue: path)
    let folded = try store.transaction { () throws(StoreError) in
      try store.fold(at: Moment(ms: moment), limit: count + 1)
    }
    if folded.lanes != count { fail("the audiences were not stored") }
  }

  /// As long as a real open_id.
  private static func person(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "ou_" + String(repeating: "0", count: 32 - digits.count) + digits
  }

  /// Dropped for the bulk inserts, which would take minutes with them, and restored afterwards.
  private static func checksAndIndexes(
    _ intake: borrowing Intake
  ) throws -> [(kind: String, name: String, sql: String)] {
    try intake.db.all(
      """
      select type, name, sql from sqlite_schema
      where type in ('trigger', 'index') and tbl_name in ('ask', 'lane') and sql is not null
      """
    ) { (row) throws(StoreError) in (row.text(0), row.text(1), row.text(2)) }
  }

  /// `isScattered`: the order in which lanes are due is unrelated to where their rows are.
  private static func rows(_ lanes: Int, _ audiences: Int, _ isScattered: Bool) -> String {
    // Any number without a common divisor reaches each lane once.
    let place = isScattered ? "(i * 618033) % \(lanes)" : "i"
    return """
      insert into lane (
        id, account_id, kind, name, state, audience_id, since_ms, ready_ms)
      with recursive rows (i) as (select 0 union all select i + 1 from rows where i + 1 < \(lanes)),
        placed (i, place) as (select i, \(place) from rows)
      select i + 1, 1, 'preview', printf('preview_token_of_a_link_in_a_chat_%08d', place), 'waiting',
        place / 10 % \(audiences) + 1, \(moment - lanes) + place, \(moment - lanes) + place
      from placed;
      insert into ask (account, kind, lane, body, asked_ms, lane_id, audience_id, first_call)
      select 'default', 'preview', name, '{"open_ids":' || members || '}', since_ms, lane.id,
        audience_id, 1
      from lane join audience on audience.id = audience_id
      order by lane.id;
      update worker set folded_ask = (select max(id) from ask), boot = '\(boot)', offset_ms = 0,
        skew_ms = 0, newest_ms = \(moment), pruned_ms = \(moment + .days(100));
      """
  }
}
