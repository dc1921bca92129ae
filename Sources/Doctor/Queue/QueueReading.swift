import Larkspur
import Planning

/// What a queue says, as far as it can be read without changing it.
struct QueueReading {
  /// The mark in the header, the schema's version, and how many tables there are.
  var application = 0
  var schema = 0
  var tables = 0
  /// What to do about a database that has tables but not the mark of a queue.
  var unmarked: String?
  /// What SQLite's quick check found. Nil if it took too long.
  var flaws: [String]?
  /// The rest is read only from a schema that this program knows.
  var accounts: [AccountRow]?
  /// Accounts with pending asks. Nil if there was no time to look for them.
  var pending: [String]?
  /// How long the oldest pending ask has waited; nil if none waits, or if that is not known.
  var oldestWait: Span?
  var clock: ClockRow?
  /// The kinds that each account has lanes of.
  var kinds: [String: Set<Kind>] = [:]

  struct AccountRow: Equatable {
    var name: String
    /// Nil if no worker has recorded it.
    var isConfigured: Bool?
    /// Its limits, as the worker uses them.
    var allowance: String?
    var trouble: Trouble?
    var why: String?
    /// Its store app, if it is a tenant of one.
    var app: String?
    /// Of a store app: the mark of the ticket that Feishu refused last.
    var refusedTicket: Int?
  }

  /// The queue's clock as the last run left it.
  struct ClockRow: Equatable {
    var boot: String?
    var clocks: Clocks
    var newest: Moment
  }

  /// A longer check is left to a person.
  static let checkTime_ms = 10_000

  init() {}

  init(of reader: borrowing QueueReader, path: String) throws(StoreError) {
    application = try reader.number("pragma application_id") ?? 0
    schema = try reader.number("pragma user_version") ?? 0
    tables = try reader.number("select count(*) from sqlite_schema") ?? 0
    if application != QueueFile.applicationID {
      if tables > 0 { unmarked = try reader.adviceForUnmarked(path: path) }
      return
    }
    flaws = try Self.quickCheck(reader)
    guard schema == Migrator.newest, flaws != nil else { return }
    // A damaged page, or a lock, may still keep one of these from being read.
    accounts = try? Self.accounts(reader)
    pending = try? Self.pending(reader)
    oldestWait = try? Self.oldestWait(reader)
    clock = try? Self.clock(reader)
    kinds = (try? Self.kinds(reader)) ?? [:]
  }

  /// Nil if there was no time.
  private static func quickCheck(
    _ reader: borrowing QueueReader
  ) throws(StoreError) -> [String]? {
    do throws(StoreError) {
      let found = try reader.rows("pragma quick_check(5)", within: checkTime_ms)
      return found.rows.map { $0[0].words }.filter { $0 != "ok" }
    } catch {
      if error.isInterruption { return nil }
      throw error
    }
  }

  private static func accounts(
    _ reader: borrowing QueueReader
  ) throws(StoreError) -> [AccountRow] {
    try reader.rows(
      """
      select name, configured, limits, parked, parked_why, limits ->> '$.app',
        (select refused_mark from budget where account_id = account.id and api = 'auth')
      from account order by name
      """
    ).rows.map { row in
      AccountRow(
        name: row[0].words, isConfigured: row[1].number.map { $0 != 0 },
        allowance: row[2].optionalWords, trouble: row[3].optionalWords.flatMap(Trouble.init),
        why: row[4].optionalWords, app: row[5].optionalWords,
        refusedTicket: row[6].number)
    }
  }

  private static func pending(_ reader: borrowing QueueReader) throws(StoreError) -> [String] {
    try reader.rows(
      """
      select name from account where exists (
        select 1 from lane where account_id = account.id and state = 'waiting')
      union
      select account.name from lane join account on account.id = account_id
      where call_id is not null
      union
      select account from ask
      where lane_id is null and due_ms is null and outcome is null
      union
      select account from ask
      where due_ms is not null and lane_id is null and outcome is null
      """
    ).rows.map { $0[0].words }
  }

  /// Most asks have neither a delay nor an expiry. Others that no worker has looked at do not count
  /// here.
  private static func oldestWait(_ reader: borrowing QueueReader) throws(StoreError) -> Span? {
    try reader.rows(
      """
      select max(wait_ms) from (
        select now_ms - (
          select since_ms from lane where since_ms is not null order by since_ms limit 1) as wait_ms
        from clock
        union all
        select now_ms + skew_ms - (
          select asked_ms from ask
          where lane_id is null and due_ms is null and outcome is null and after_ms = 0
            and expires_in_ms is null
          order by asked_ms limit 1)
        from clock)
      """
    ).rows.first?[0].number.map { max(0, $0.bounded) }
  }

  private static func kinds(
    _ reader: borrowing QueueReader
  ) throws(StoreError) -> [String: Set<Kind>] {
    var kinds: [String: Set<Kind>] = [:]
    let rows = try reader.rows(
      """
      select account.name, kind.name from account, kind where exists (
        select 1 from lane where account_id = account.id and lane.kind = kind.name)
      """
    ).rows
    for row in rows {
      if let kind = Kind(rawValue: row[1].words) { kinds[row[0].words, default: []].insert(kind) }
    }
    return kinds
  }

  private static func clock(_ reader: borrowing QueueReader) throws(StoreError) -> ClockRow? {
    try reader.rows("select boot, offset_ms, skew_ms, newest_ms from worker").rows.first.map {
      row in
      ClockRow(
        boot: row[0].optionalWords,
        clocks: Clocks(
          offset: (row[1].number ?? 0).bounded, skew: (row[2].number ?? 0).bounded),
        newest: Moment(ms: (row[3].number ?? 0).bounded))
    }
  }
}

extension Cell {
  var number: Int? {
    if case .int(let number) = self { number } else { nil }
  }

  var optionalWords: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// As text, whatever it is.
  var words: String {
    switch self {
    case .null: ""
    case .int(let number): String(number)
    case .real(let number): String(number)
    case .text(let text): text
    }
  }
}
