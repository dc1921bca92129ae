/// Keeps the write-ahead log small. While another program reads for minutes, the log grows with
/// every commit. Afterwards SQLite copies it into the database only at a later commit, and shrinks
/// the file only at the commit after that.
extension WorkerStore {
  /// Copies a log that has grown into the database as far as readers allow, and truncates the file
  /// once all of it is copied. Copying takes no lock that a writer needs; truncating holds one only
  /// for what was written since. Neither waits for other programs.
  package func trimLog() throws(StoreError) {
    guard link.isOpen, let files = link.db.sideFiles?.files,
      files.logSize > WriteAheadLog.size_max
    else { return }
    do throws(StoreError) {
      try db.withoutPatience { () throws(StoreError) in
        if try copyLog(.passive) { _ = try copyLog(.truncate) }
      }
    } catch {
      // A full disk, for example, is reported by the next write.
      guard error.isTransient else { throw error }
    }
  }

  enum LogCopying { case passive, full, truncate }

  /// True when all of the log is in the database.
  func copyLog(_ way: LogCopying) throws(StoreError) -> Bool {
    let read = { (row: borrowing Statement) throws(StoreError) -> Bool in
      row.int(0) == 0 && row.int(1) == row.int(2)
    }
    let isDone =
      switch way {
      case .passive: try db.first("pragma wal_checkpoint(passive)", body: read)
      case .full: try db.first("pragma wal_checkpoint(full)", body: read)
      case .truncate: try db.first("pragma wal_checkpoint(truncate)", body: read)
      }
    return isDone ?? false
  }
}
