import CSQLite
import Glibc

/// A queue that is only looked at. Opening it changes nothing, so it works for a queue that belongs
/// to another user, is damaged, or has an older or a newer schema.
package struct QueueReader: ~Copyable {
  let db: Connection

  /// How long it waits for a lock.
  private static let patience_ms = 1_000

  /// Calls `body` with a reader. It is called again if another program has opened the queue while
  /// pages were read without locks: they may have changed.
  package static func look<Result>(
    at path: String, _ body: (borrowing QueueReader) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let real = QueueFile.realPath(path)
    if SideFiles.areRemoved(fromWorkerOf: real) { throw .filesRemoved }
    let hold = try ReadingHold.take(real, patience_ms: patience_ms)
    while true {
      let files = hold.files
      let reader = QueueReader(db: try open(real, files))
      let result = outcome { () throws(StoreError) -> Result in try body(reader) }
      if files == .none, hold.files != .none { continue }
      return try result.get()
    }
  }

  private static func outcome<Result>(
    _ body: () throws(StoreError) -> Result
  ) -> Swift.Result<Result, StoreError> {
    do throws(StoreError) { return .success(try body()) } catch { return .failure(error) }
  }

  /// While the hold is there, no program removes the files beside the queue, so SQLite finds those
  /// that it would otherwise create.
  private static func open(
    _ path: String, _ files: ReadingHold.Files
  ) throws(StoreError) -> Connection {
    switch files {
    case .none: return try Connection(path: path, mode: .immutable)
    case .all: return try Connection(path: path, mode: .readOnly, patience_ms: patience_ms)
    case .logOnly:
      // SQLite creates the index, and the owner's programs cannot use one of another user.
      guard geteuid() == 0 || geteuid() == FileStatus(path)?.owner else {
        throw StoreError(
          .other, message: "it has a -wal file but no -shm file, which only its owner may create")
      }
      return try Connection(path: path, mode: .readOnly, patience_ms: patience_ms)
    }
  }

  /// Rows of a query, as columns and values. It is given up after this time.
  package borrowing func rows(
    _ sql: String, _ values: [Value] = [], within milliseconds: Int = 2_000
  ) throws(StoreError) -> Rows {
    try db.interrupting(after: milliseconds) { () throws(StoreError) -> Rows in
      let statement = try db.prepare(sql)
      try statement.bind(values)
      let columns = 0..<statement.columnCount()
      var rows = Rows(columns: columns.map { statement.columnName($0) })
      while try statement.step() { rows.rows.append(columns.map { Cell(statement, $0) }) }
      return rows
    }
  }

  /// What to do about a database that is not marked as a queue.
  package borrowing func adviceForUnmarked(path: String) throws(StoreError) -> String {
    do { return try UnmarkedCopy.advice(for: db, path: path) } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.other, message: "\(error)")
    }
  }

  /// The version of SQLite.
  package static var engine: String { String(cString: sqlite3_libversion()) }

  /// The number in the first row; nil if there is none.
  package borrowing func number(
    _ sql: String, _ values: [Value] = []
  ) throws(StoreError) -> Int? {
    if case .int(let number)? = try rows(sql, values).rows.first?.first { number } else { nil }
  }
}
