/// Keeps the write-ahead log small. While somebody reads for minutes, it grows with every commit; SQLite
/// copies it into the database only at later commits, and gives nothing back to the disk until the next
/// one after that.
extension WorkerStore {
  /// Copies a log that has grown into the database, as far as readers let it, and cuts the file down
  /// when all of it has been copied. The first takes no lock that a writer wants, and the second holds
  /// one only for what has been written since. Nobody is waited for.
  package func trimLog() throws(StoreError) {
    guard link.isOpen, let files = link.db.sideFiles?.files,
      files.logSize > WriteAheadLog.size_max
    else { return }
    do throws(StoreError) {
      try db.withoutPatience { () throws(StoreError) in
        if try copyLog(.passive) { _ = try copyLog(.truncate) }
      }
    } catch {
      // A full disk, for one, is reported by whoever has something to write.
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
