import CSQLite

/// Every connection that Larkspur opens in this process, in order. The bench uses them to change a
/// setting that Larkspur never changes, and to record statements.
enum Connections {
  nonisolated(unsafe) private(set) static var opened: [OpaquePointer] = []
  /// Where statements are recorded; nil while they are timed.
  nonisolated(unsafe) static var tape: Tape?

  static func listen() {
    let entry: EntryPoint = { connection, _, _ in
      if let connection { Connections.note(connection) }
      return SQLITE_OK
    }
    // SQLite declares the entry point without the arguments that it passes.
    sqlite3_auto_extension(unsafeBitCast(entry, to: (@convention(c) () -> Void).self))
  }

  /// Runs a statement that is not Larkspur's. It is recorded as well.
  static func run(_ sql: String, on connection: Int) {
    let code = sqlite3_exec(opened[connection], sql, nil, nil, nil)
    if code != SQLITE_OK { fail("\(sql): \(String(cString: sqlite3_errmsg(opened[connection])))") }
  }

  /// Rows written by the connections that are closed by now, to compare with programs that replay
  /// the tape.
  nonisolated(unsafe) private(set) static var changes = 0

  private static func note(_ connection: OpaquePointer) {
    opened.append(connection)
    let events = SQLITE_TRACE_CLOSE | (tape == nil ? 0 : SQLITE_TRACE_STMT)
    sqlite3_trace_v2(connection, UInt32(events), hear, nil)
  }

  private static let hear: Trace = { event, _, subject, detail in
    guard let subject else { return 0 }
    let statement = OpaquePointer(subject)
    if event == UInt32(SQLITE_TRACE_CLOSE) {
      Connections.changes += Int(sqlite3_total_changes64(statement))
      return 0
    }
    // Triggers come with a text of their own. A program that replays the statement runs them as
    // well.
    guard detail == UnsafeMutableRawPointer(mutating: sqlite3_sql(statement)) else { return 0 }
    Connections.tape?.add(statement)
    return 0
  }
}

private typealias EntryPoint =
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, OpaquePointer?
  ) -> Int32

private typealias Trace =
  @convention(c) (
    UInt32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
  ) -> Int32
