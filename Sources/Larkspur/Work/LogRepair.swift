import CSQLite
import Planning

/// What the worker does when the write-ahead log or its index is removed while the worker has it
/// open: it writes back what only the removed file holds, and opens the queue again.
///
/// SQLite does the same when it closes the database, but without checking. If another program has
/// started a new log meanwhile, SQLite would overwrite its changes and remove that log.
extension WorkerStore {
  package enum LogStanding {
    case inPlace
    /// The queue was closed and opened again. Nothing that was committed is missing.
    case repaired
    /// Other programs have written to the queue without seeing the worker's changes, or may have.
    /// `close` returns what is lost.
    case replaced
  }

  package struct LogLoss: Sendable {
    /// Asks made after this moment of the wall clock may be missing; nil when any may be.
    package let after: WallMoment?
  }

  /// Tells programs that open the queue that a worker runs, and which files it uses. Only the
  /// holder of the worker lock may call this.
  package func tellOthers() {
    _ = hold.showWorker()
    if let files = link.db.sideFiles?.files { WorkerLock.tell(files) }
  }

  /// False if another worker has the file open. That happens when the lock file was removed, or
  /// when the other worker uses another name of the queue.
  package func isSoleWorker() -> Bool { hold.showWorker() }

  /// Copies the log into the queue file after the file was moved without its log. False if the log
  /// could not be copied, or if another program has started a new log in its place.
  package func copyLogAfterMove() throws(StoreError) -> Bool {
    guard link.isOpen, let files = link.db.sideFiles?.files else { return true }
    // It was moved or removed together with the queue.
    if files.isLogGone { return true }
    guard files.areInPlace, try copyLog(.full) else { return false }
    // An empty log does not prevent anyone from creating a new queue in that place.
    return try copyLog(.truncate)
  }

  /// The real cause of an error that SQLite met in the wrong file: the right one was removed.
  package func told(_ error: StoreError) -> StoreError { link.told(error) }

  /// Checks whether the files beside the queue are the ones that the worker has open. If they are
  /// not, reopens the queue if that is safe. Throws `filesRemoved` while another program has the
  /// queue open.
  package func repairLog() throws(StoreError) -> LogStanding {
    if link.isOpen {
      guard let files = link.db.sideFiles?.files else { return .inPlace }
      if files.areInPlace { return .inPlace }
      guard try giveUp(files) else { return .replaced }
      link.close()
    }
    newcomers = []
    forgetRows()
    try reopen()
    return .repaired
  }

  /// The queue that is left is complete up to the last turn recorded in it.
  private func loss() -> LogLoss {
    db.leaveFilesAlone()
    link.close()
    defer { link.close() }
    // The queue may be damaged or empty.
    guard (try? link.open()) != nil,
      let newest = try? db.first(
        "select newest_ms from worker", body: { (row) throws(StoreError) in row.moment(0) }),
      newest > .zero
    else { return LogLoss(after: nil) }
    return LogLoss(after: clocks.wall(newest))
  }

  /// Closes the queue after the last turn; returns what may be lost. No other program can get in
  /// between the check of the files and what SQLite does when the last connection is closed.
  package func close() throws(StoreError) -> LogLoss? {
    guard link.isOpen, let files = link.db.sideFiles?.files else {
      link.close()
      return nil
    }
    if hold.lockOthersOut() || !files.areInPlace, try !giveUp(files) { return loss() }
    link.close()
    return nil
  }

  /// Makes it safe to close the files, and locks other programs out. As long as the worker has the
  /// files open, another program that closes them is not the last one, so it does not remove a
  /// newer log. False if something may be lost.
  private func giveUp(_ files: SideFiles) throws(StoreError) -> Bool {
    // The newer files were removed as well, and what they held is not known.
    let isSplitAgain = !files.newcomers.isSuperset(of: newcomers)
    if !isSplitAgain { newcomers = files.newcomers }
    guard hold.lockOthersOut() else { throw .filesRemoved("another program has it open") }
    do throws(StoreError) {
      switch files.standing() {
      // The next program that opens the queue finds everything.
      case .inPlace: return true
      // A removed log is gone once it is closed, so the database must have all of it before that.
      // The same goes for a removed index: `rm queue.db-*` removes the log next, and perhaps nobody
      // has it open then. A log that is not whole must not be copied: it would bring in pages of
      // something else.
      case .indexReplaced, .logRemoved:
        if isSplitAgain || !files.isLogWhole { return false }
        guard try copyLog(.full) else { throw .filesRemoved("its log is in use") }
        return true
      case .logReplaced: return false
      }
    } catch {
      hold.letOthersIn()
      throw error
    }
  }

  private func reopen() throws(StoreError) {
    do throws(QueueError) { try link.open() } catch {
      // An I/O error, so that the worker tries again, as it does when it cannot write.
      throw StoreError(code: SQLITE_IOERR, message: error.description, sql: "")
    }
    tellOthers()
  }
}
