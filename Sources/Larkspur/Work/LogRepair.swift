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
    /// Others have written to the queue without what the worker knew, or may have. `close` says what is lost.
    case replaced
  }

  package struct LogLoss: Sendable {
    /// Asks made after this moment of the wall clock may be missing; nil when any may be.
    package let after: WallMoment?
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
  /// with the queue. False where it is left behind, or somebody else has begun another log there.
  package func copyLogAfterMove() throws(StoreError) -> Bool {
    guard link.isOpen, let files = link.db.sideFiles?.files else { return true }
    // Moved or removed with the queue.
    if files.isLogGone { return true }
    guard files.areInPlace, try copyLog(.full) else { return false }
    // An empty log keeps nobody from making another queue in that place.
    return try copyLog(.truncate)
  }

  /// Whatever SQLite has found in the wrong file, the reason is that the right one was removed.
  package func told(_ error: StoreError) -> StoreError { link.told(error) }

  /// Looks whether the files beside the queue are those that the worker has open, and opens others if
  /// that is safe. Throws `filesRemoved` while another program has the queue open.
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

  /// What is left of the queue has everything up to the last turn that is in it.
  private func loss() -> LogLoss {
    db.leaveFilesAlone()
    link.close()
    defer { link.close() }
    // It may be damaged, or empty.
    guard (try? link.open()) != nil,
      let newest = try? db.first(
        "select newest_ms from worker", body: { (row) throws(StoreError) in row.moment(0) }),
      newest > .zero
    else { return LogLoss(after: nil) }
    return LogLoss(after: clocks.wall(newest))
  }

  /// Closes the queue after the last turn, and answers what may be lost. Nobody can come in between the
  /// look at the files and what SQLite does when the last connection is closed.
  package func close() throws(StoreError) -> LogLoss? {
    guard link.isOpen, let files = link.db.sideFiles?.files else {
      link.close()
      return nil
    }
    if hold.lockOthersOut() || !files.areInPlace, try !giveUp(files) { return loss() }
    link.close()
    return nil
  }

  /// Sees to it that the files can be closed, and that nobody has the queue open meanwhile: as long as
  /// the worker has, another program with the old files that leaves is not the last one, and does not
  /// remove what somebody else has written. False when something may be lost.
  private func giveUp(_ files: SideFiles) throws(StoreError) -> Bool {
    // Those that others had begun to use have been removed as well, and what they held is not known.
    let isSplitAgain = !files.newcomers.isSuperset(of: newcomers)
    if !isSplitAgain { newcomers = files.newcomers }
    guard hold.lockOthersOut() else { throw .filesRemoved }
    do throws(StoreError) {
      switch files.standing() {
      // The next program that opens the queue finds everything.
      case .inPlace: return true
      // A removed file is gone when it is closed, so all of it must be in the database before. So it is
      // with an index: `rm queue.db-*` takes the log next, and nobody may have it open then. What a
      // log does not hold any more must not be copied: it would be pages of something else.
      case .indexReplaced, .logRemoved:
        if isSplitAgain || !files.isLogWhole { return false }
        guard try copyLog(.full) else { throw .filesRemoved }
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
      // Tried again, as when it cannot be written.
      throw StoreError(code: SQLITE_IOERR, message: error.description, sql: "")
    }
    tellOthers()
  }
}
