import Planning

/// One budget with the lanes that spend it: an account and a kind.
package struct Gate: Hashable, Sendable {
  package let account: Int
  package let kind: Kind

  package init(account: Int, kind: Kind) {
    self.account = account
    self.kind = kind
  }
}

/// The queue as its one worker sees it.
///
/// - Asks are folded into lanes; a lane that waits takes what is asked of it meanwhile.
/// - A lane is in at most one call; what is asked during that call makes one more.
/// - A call is on disk, and the lanes in it marked, before anything is sent.
/// - Whatever is answered, each ask ends once: delivered, dead, expired or cancelled.
///
/// Nothing here reads a clock. Every method that changes something belongs inside `transaction`.
package final class WorkerStore {
  let link: QueueLink
  package let path: String
  private let file: FileIdentity?
  let hold: DatabaseHold
  /// What the log began with when it was last seen in its place.
  var logHeader: [UInt8] = []
  var audiences = AudienceShelf()
  var accountIDs: [String: Int] = [:]
  /// By account: open_id and the reason it was refused with.
  var refusedPeople: [Int: [String: String]] = [:]
  /// Wall clock - queue clock.
  package private(set) var skew_ms = 0

  /// Another program may hold the file for a while; the loop tries again rather than waiting here
  /// for long, so that it still hears signals and answers.
  package init(queue path: String, patience_ms: Int = 2_000) throws(QueueError) {
    self.path = path
    try QueueFile.check(path, creating: true)
    try QueueNames.refuseSecondName(path)
    hold = DatabaseHold(QueueFile.realPath(path))
    link = try QueueLink(path, creating: true, patience_ms: patience_ms, as: .worker)
    file = FileIdentity(path)
  }

  /// Before the hold, which must be the last to be closed.
  deinit { link.close() }

  var db: Connection {
    _read { yield link.db }
  }

  /// Whether the queue is still what others find at its path. One that was moved or removed under a
  /// worker would otherwise be worked for ever, while what is asked goes to another.
  package var isInPlace: Bool { FileIdentity(path) == file }

  /// And whether the files beside it are those that are open.
  package var hasItsFiles: Bool {
    link.isOpen && db.sideFiles?.files.areInPlace ?? true
  }

  package func transaction<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    do {
      return try db.transaction(body)
    } catch {
      forgetRows()
      throw error
    }
  }

  /// What was remembered of rows that have been rolled back is not there.
  func forgetRows() {
    audiences = AudienceShelf()
    accountIDs = [:]
    refusedPeople = [:]
  }

  /// Changes whenever another connection has committed, and never by our own commits.
  package func dataVersion() throws(SQLiteError) -> Int {
    try db.first("pragma data_version") { (row) throws(SQLiteError) in row.int(0) } ?? 0
  }

  /// A person has changed something that is kept in memory: it is read again when it is needed.
  package func forgetWhatAPersonMayChange() { refusedPeople = [:] }

  /// Grows when a person has changed something that the worker keeps in memory.
  package func control() throws(SQLiteError) -> Int {
    try db.first("select control from worker") { (row) throws(SQLiteError) in row.int(0) } ?? 0
  }

  /// The account's number; an account that nobody has named before gets one.
  package func account(_ name: String) throws(SQLiteError) -> Int {
    if let known = accountIDs[name] { return known }
    try db.execute("insert into account (name) values (?) on conflict do nothing", .text(name))
    let id = try db.first("select id from account where name = ?", .text(name)) {
      (row) throws(SQLiteError) in row.int(0)
    }
    guard let id else { preconditionFailure("an account that was just inserted is not there") }
    accountIDs[name] = id
    return id
  }

  /// The name behind an account's number.
  package func accountName(_ id: Int) throws(SQLiteError) -> String {
    try db.first("select name from account where id = ?", .int(id)) {
      (row) throws(SQLiteError) in row.text(0)
    } ?? "?"
  }
}

extension WorkerStore {
  /// What the machine's clocks say: the wall clock, the time since it was started, and which start
  /// that was, if it can be told.
  package struct ClockReading: Sendable {
    package let wall_ms: Int
    package let sinceBoot_ms: Int
    package let boot: String?

    package init(wall_ms: Int, sinceBoot_ms: Int, boot: String?) {
      self.wall_ms = wall_ms
      self.sinceBoot_ms = sinceBoot_ms
      self.boot = boot
    }
  }

  /// Sets the queue's clock: time since boot + an offset that stands for as long as the machine is
  /// up, so that setting the wall clock changes nothing, in this run or the next. Answers the offset.
  package func setClock(_ reading: ClockReading) throws(SQLiteError) -> Int {
    let last = try db.first("select boot, offset_ms, newest_ms, skew_ms from worker") {
      (row) throws(SQLiteError) in
      (boot: row.optionalText(0), offset: row.int(1), seen: row.int(2), skew: row.int(3))
    }
    guard let last else { preconditionFailure("the worker's row is gone") }
    var now = reading.sinceBoot_ms + last.offset
    let drift = reading.wall_ms - (now + last.skew)
    // A clock that goes back is another one, whatever its name: a machine restored from a snapshot.
    // Without a name, treat it as the same one if both clocks continue from where the last run stopped.
    let isSame =
      now >= last.seen
      && (reading.boot.map { $0 == last.boot } ?? (last.boot == nil && abs(drift) < .seconds(2)))
    if !isSame {
      now = max(reading.wall_ms, last.seen)
      try stopTimeWhileAway(from: last.seen, to: now)
    } else if reading.boot == nil {
      // Two clocks may differ by so little. The slower one makes nothing early.
      now = max(last.seen, now + min(0, drift))
    }
    let offset = now - reading.sinceBoot_ms
    if !isSame || offset != last.offset {
      try db.execute(
        "update worker set boot = ?, offset_ms = ?", .of(reading.boot), .int(offset))
    }
    try keepTime(now: now, wall_ms: reading.wall_ms)
    return offset
  }

  /// Where the clock is another one, after a restart of the machine for example, nobody knows for
  /// certain how much time has passed. For slots and rate limits, treat it as none. No slot was further
  /// away than its charge when its call was written down, nor is it afterwards: it is late by one window
  /// at most and never early.
  private func stopTimeWhileAway(from seen: Moment, to now: Moment) throws(SQLiteError) {
    try db.execute(
      """
      update lane set
        slot_ms = slot_ms + ?1,
        ready_ms = iif(ready_ms > ?2, ready_ms + ?1, ready_ms)
      where slot_ms > ?2
      """, .int(now - seen), .int(seen))
    // The calls of the last minute count as if the machine had never been off.
    try db.execute(
      """
      update call set started_ms = started_ms + ?1, sent_ms = sent_ms + ?1,
        ended_ms = ended_ms + ?1
      where started_ms > ?2 - 60000
      """, .int(now - seen), .int(seen))
  }

  /// Writes down that `now` has been, and what the wall clock says meanwhile.
  package func keepTime(now: Moment, wall_ms: Int) throws(SQLiteError) {
    skew_ms = wall_ms - now
    try db.execute(
      "update worker set newest_ms = max(newest_ms, ?), skew_ms = ?", .int(now), .int(skew_ms))
  }
}
