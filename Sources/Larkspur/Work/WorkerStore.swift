import Planning

/// The queue as its one worker sees it.
///
/// - Asks are folded into lanes. Asks for a lane that is already waiting are merged into it.
/// - A lane is in at most one call. Asks that arrive during the call lead to one more.
/// - A call is on disk, and its lanes are marked, before anything is sent.
/// - Whatever the answer, each ask ends once: delivered, dead, expired or cancelled.
///
/// Nothing here reads a clock. Every method that changes something must be called in `transaction`.
package final class WorkerStore {
  let link: QueueLink
  package let path: String
  private let file: FileIdentity?
  let hold: DatabaseHold
  /// Files that other programs have started to use instead of the ones open here.
  var newcomers: Set<FileIdentity> = []
  var given = GivenIDs()
  var audiences = AudienceCache()
  var accountIDs: [String: Int] = [:]
  /// The accounts that are store apps, by name.
  var storeApps: Set<String> = []
  /// By account: open_id and the reason it was refused with.
  var refusedPeople: [Int: [String: String]] = [:]
  /// Unfinished removals of refused users from lanes with very many asks, by lane.
  var dropping: [Int: AskReview] = [:]
  /// While unused audiences are being searched for, every audience in use is looked up on disk,
  /// which marks it as used.
  package var isLookingForUnused = false
  /// How the queue's clock relates to the machine's clocks, as this run has set it.
  package internal(set) var clocks = Clocks()
  /// Stray asks were taken out of their lanes and are waiting to be folded.
  package var hasAsksToFoldAgain = false
  /// Lanes of keys whose parts may have ended without leaving a row.
  var keysToEnd: Set<Int> = []
  /// What a transaction must do before it may commit. On a shared queue that is to write it there: if that fails,
  /// nothing has happened here either.
  package var beforeCommit: (() throws(StoreError) -> Void)?
  /// How often something has come from a shared queue.
  var arrivals = 0

  /// Waits only briefly for a lock that another program holds. The loop tries again later, so that
  /// it still reacts to signals and answers meanwhile.
  package init(queue path: String, patience_ms: Int = 2_000) throws(QueueError) {
    self.path = path
    try QueueFile.check(path, creating: true)
    try QueueNames.refuseSecondName(path)
    hold = DatabaseHold(QueueFile.realPath(path))
    link = try QueueLink(path, creating: true, patience_ms: patience_ms, as: .worker)
    file = FileIdentity(path)
  }

  /// A queue in memory, which no other program sees.
  init(inMemory connection: consuming Connection) {
    // No file can have this path.
    path = "/dev/null/queue"
    file = nil
    hold = DatabaseHold(path)
    link = QueueLink(connection)
  }

  /// The link is closed first, because the hold must be the last to be closed.
  deinit { link.close() }

  var db: Connection {
    _read { yield link.db }
  }

  /// Whether the path still leads to the file that is open. If the file is moved or removed, the
  /// worker would otherwise go on with it while new asks go to another file.
  package var isInPlace: Bool { FileIdentity(path) == file }

  /// Whether the files beside the queue are the ones that are open.
  package var hasItsFiles: Bool {
    link.isOpen && db.sideFiles?.files.areInPlace ?? true
  }

  /// Whether another program is in the middle of writing, as far as the files can tell.
  package var mayBeWrittenNow: Bool { db.sideFiles?.files.mayBeWrittenNow ?? true }

  package func transaction<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    do {
      return try db.transaction { () throws(StoreError) in
        let result = try body()
        try beforeCommit?()
        return result
      }
    } catch {
      forgetRows()
      throw error
    }
  }

  /// Clears the caches of rows. After a rollback they may hold rows that do not exist.
  package func forgetRows() {
    audiences = AudienceCache()
    accountIDs = [:]
    refusedPeople = [:]
    dropping = [:]
  }

  /// Changes when another connection commits or something comes from a shared queue, and never when this
  /// worker commits.
  package func dataVersion() throws(StoreError) -> Int {
    let version = try db.first("pragma data_version") { (row) throws(StoreError) in row.int(0) }
    return (version ?? 0) + arrivals
  }

  /// Clears caches of what a person may have changed; it is read again when needed.
  package func forgetWhatAPersonMayChange() {
    // An account may be gone, and its audiences with it.
    audiences = AudienceCache()
    accountIDs = [:]
    refusedPeople = [:]
    dropping = [:]
  }

  /// Grows when a person has changed something that the worker keeps in memory.
  package func control() throws(StoreError) -> Int {
    try db.first("select control from worker") { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// The account's number. An account that was not known before gets one.
  package func account(_ name: String) throws(StoreError) -> Int {
    if let known = accountIDs[name] { return known }
    // Until the configuration names it, which is noted after all of its accounts are stored.
    try db.execute(
      "insert into account (name, configured) values (?, 0) on conflict do nothing", .text(name))
    guard let id = try number(ofAccount: name) else {
      throw .damagedRow("cannot store account '\(name)'")
    }
    return id
  }

  /// Nil if the account is not known.
  package func number(ofAccount name: String) throws(StoreError) -> Int? {
    if let known = accountIDs[name] { return known }
    let id = try db.first("select id from account where name = ?", .text(name)) {
      (row) throws(StoreError) in row.int(0)
    }
    if let id { accountIDs[name] = id }
    return id
  }

  /// The name behind an account's number.
  package func accountName(_ id: Int) throws(StoreError) -> String {
    try db.first("select name from account where id = ?", .int(id)) {
      (row) throws(StoreError) in row.text(0)
    } ?? "?"
  }
}
