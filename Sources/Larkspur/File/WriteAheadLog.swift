/// How a queue's changes get to disk: through a log, which readers and a writer can use at once.
enum WriteAheadLog {
  /// What the file of the log is cut down to, in bytes. It is about twice as much as there is between
  /// two copies into the database while nobody reads for long.
  static let size_max = 8 << 20

  /// Has the queue use a log, whatever a person or a copy has left it with.
  static func use(_ connection: borrowing Connection, path: String, patience_ms: Int) throws {
    guard try isSet(connection, patience_ms: patience_ms) else {
      throw QueueError(
        .cannotUse,
        "the queue \(path) cannot be used: its file system cannot keep a write-ahead log. Put it on a "
          + "local disk.")
    }
    try connection.execute("pragma synchronous = full")
    try connection.run(script: "pragma journal_size_limit = \(size_max)")
  }

  /// SQLite takes a lock for the change without asking the busy handler: of processes that are released
  /// at one instant on a new file, one in seven fails at it. So it is repeated here.
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
