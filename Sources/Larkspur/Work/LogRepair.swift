import CSQLite
import Planning

/// What the worker does when somebody has removed the write-ahead log, or its index, while it has them
/// open: it writes back what only the removed file holds, and opens the queue again.
///
/// SQLite's own close would do the same, but without looking: it would write over what somebody has put
/// into another log meanwhile, and remove that.
extension WorkerStore {
  package enum LogStanding {
    case inPlace
    /// The queue was closed and opened again. Nothing that was committed is missing.
    case repaired
    /// Somebody has written to another log, without what is only in the removed one.
    case replaced
  }

  /// Tells programs that open the queue that a worker runs, and with which files. Only for the one that has
  /// the worker's lock.
  package func tellOthers() {
    _ = hold.showWorker()
    if let files = link.db.sideFiles?.files { WorkerLock.tell(files) }
  }

  /// False when another worker has the file open: its lock file has been removed, or is one of another name.
  package func isSoleWorker() -> Bool { hold.showWorker() }

  /// The queue has been moved away from under the worker, and the log has not: what is only in the log goes
  /// with the queue. False where somebody else has begun another log there.
  package func copyLogAfterMove() throws(SQLiteError) -> Bool {
    guard link.isOpen, let files = link.db.sideFiles?.files else { return true }
    guard files.areInPlace, try copyLog(.full) else { return false }
    // An empty log keeps nobody from making another queue in that place.
    return try copyLog(.truncate)
  }

  /// Whatever SQLite has found in the wrong file, the reason is that the right one was removed.
  package func told(_ error: SQLiteError) -> SQLiteError { link.told(error) }

  /// Looks whether the files beside the queue are those that the worker has open, and opens others if
  /// that is safe. Throws `filesRemoved` while another program has the queue open.
  package func repairLog() throws(SQLiteError) -> LogStanding {
    var before: Reach?
    if link.isOpen {
      guard let files = link.db.sideFiles?.files else { return .inPlace }
      if files.areInPlace {
        logHeader = files.header()
        return .inPlace
      }
      guard try giveUp(files) else { return .replaced }
      // Another log cannot be read through this connection.
      if files.standing() != .logContinued { before = try reach() }
      link.close()
    }
    forgetRows()
    try reopen()
    if let before, try !reach().covers(before) { return .replaced }
    return .repaired
  }

  /// How far the queue has come. It never goes back.
  private struct Reach {
    let newest: Moment
    let lastAsk: Int

    func covers(_ other: Reach) -> Bool { newest >= other.newest && lastAsk >= other.lastAsk }
  }

  private func reach() throws(SQLiteError) -> Reach {
    let reach = try db.first(
      """
      select newest_ms, (select seq from sqlite_sequence where name = 'ask') from worker
      """
    ) { (row) throws(SQLiteError) in Reach(newest: row.int(0), lastAsk: row.int(1)) }
    guard let reach else { throw .filesRemoved }
    return reach
  }

  /// Closes the queue after the last turn. Nobody can come in between the look at the files and what
  /// SQLite does when the last connection is closed.
  package func close() throws(SQLiteError) {
    guard link.isOpen, let files = link.db.sideFiles?.files else { return link.close() }
    if !hold.lockOthersOut() && files.areInPlace { return link.close() }
    guard try giveUp(files) else { throw .filesRemoved }
    link.close()
  }

  /// Sees to it that the files can be closed, and that nobody has the queue open meanwhile: as long as
  /// the worker has, another program with the old files that leaves is not the last one, and does not
  /// remove what somebody else has written. False when what only a removed file holds is lost.
  private func giveUp(_ files: SideFiles) throws(SQLiteError) -> Bool {
    guard hold.lockOthersOut() else { throw .filesRemoved }
    do throws(SQLiteError) {
      switch files.standing() {
      // The next program that opens the queue finds everything.
      case .inPlace, .logContinued: return true
      // So it is here, but `rm queue.db-*` takes the log next, and nobody may have it open then. What is
      // copied is what this index knows; a log that another index has begun again is left alone.
      case .indexReplaced:
        if files.header() == logHeader {
          guard try copyLog(.full) else { throw .filesRemoved }
        }
        return true
      // A removed file is gone when it is closed, so all of it must be in the database before.
      case .logRemoved:
        guard try copyLog(.full) else { throw .filesRemoved }
        return true
      case .logReplaced: return false
      }
    } catch {
      hold.letOthersIn()
      throw error
    }
  }

  private func reopen() throws(SQLiteError) {
    do throws(QueueError) { try link.open() } catch {
      // Tried again, as when it cannot be written.
      throw SQLiteError(code: SQLITE_IOERR, message: error.description, sql: "")
    }
    tellOthers()
  }
}
