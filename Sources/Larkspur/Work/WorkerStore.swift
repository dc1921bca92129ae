import Planning

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
  /// Files that others have begun to use in place of those that are open here.
  var newcomers: Set<FileIdentity> = []
  var audiences = AudienceCache()
  var accountIDs: [String: Int] = [:]
  /// By account: open_id and the reason it was refused with.
  var refusedPeople: [Int: [String: String]] = [:]
  /// Lanes with very many asks that are being rid of refused people, by lane.
  var dropping: [Int: AskReview] = [:]
  /// While it is being found out which sets of people nothing wants, all that are wanted are looked up on
  /// disk, which touches them.
  package var isLookingForUnused = false
  /// How the queue's clock belongs to the machine's, as this run has set it.
  package internal(set) var clocks = Clocks()
  /// Stray asks were taken out of their lanes and wait to be folded.
  package var hasAsksToFoldAgain = false

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
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    do {
      return try db.transaction(body)
    } catch {
      forgetRows()
      throw error
    }
  }

  /// What was remembered of rows that have been rolled back is not there.
  package func forgetRows() {
    audiences = AudienceCache()
    accountIDs = [:]
    refusedPeople = [:]
    dropping = [:]
  }

  /// Changes whenever another connection has committed, and never by our own commits.
  package func dataVersion() throws(StoreError) -> Int {
    try db.first("pragma data_version") { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// A person has changed something that is kept in memory: it is read again when it is needed.
  package func forgetWhatAPersonMayChange() {
    refusedPeople = [:]
    dropping = [:]
  }

  /// Grows when a person has changed something that the worker keeps in memory.
  package func control() throws(StoreError) -> Int {
    try db.first("select control from worker") { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// The account's number; an account that nobody has named before gets one.
  package func account(_ name: String) throws(StoreError) -> Int {
    if let known = accountIDs[name] { return known }
    // Until the configuration names it, which is noted after all of its accounts are stored.
    try db.execute(
      "insert into account (name, configured) values (?, 0) on conflict do nothing", .text(name))
    let id = try db.first("select id from account where name = ?", .text(name)) {
      (row) throws(StoreError) in row.int(0)
    }
    guard let id else { throw .damagedRow("account '\(name)' cannot be stored") }
    accountIDs[name] = id
    return id
  }

  /// The name behind an account's number.
  package func accountName(_ id: Int) throws(StoreError) -> String {
    try db.first("select name from account where id = ?", .int(id)) {
      (row) throws(StoreError) in row.text(0)
    } ?? "?"
  }
}
