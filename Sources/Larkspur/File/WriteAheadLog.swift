/// How a queue's changes get to disk: through a log that readers and a writer can use at the same
/// time.
enum WriteAheadLog {
  /// The size in bytes to which the log's file is cut down: about twice what is written between two
  /// copies into the database while nobody reads for long.
  static let size_max = 8 << 20

  /// Makes the queue use a log, whatever mode a person or a copy has left it in.
  static func use(_ connection: borrowing Connection, path: String, patience_ms: Int) throws {
    guard try isSet(connection, patience_ms: patience_ms) else {
      throw QueueError(
        .cannotUse,
        "cannot use queue \(path): its file system does not support a write-ahead log; move it "
          + "to a local disk")
    }
    try connection.execute("pragma synchronous = full")
    try connection.run(script: "pragma journal_size_limit = \(size_max)")
  }

  /// SQLite takes a lock for this change without calling the busy handler. When processes start at
  /// the same instant on a new file, one in seven fails. So the change is retried here.
  private static func isSet(
    _ connection: borrowing Connection, patience_ms: Int
  ) throws(StoreError) -> Bool {
    let patience = BusyPatience(patience_ms)
    var attempt: Int32 = 0
    while true {
      do throws(StoreError) {
        let mode = try connection.first("pragma journal_mode = wal") {
          (row) throws(StoreError) in row.text(0)
        }
        return mode == "wal"
      } catch {
        guard error.kind == .busy, patience.waits(attempt: attempt) else { throw error }
        attempt += 1
      }
    }
  }
}
