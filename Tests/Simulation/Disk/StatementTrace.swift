import CSQLite

/// A statement that is about to run or has just run.
struct StatementEvent {
  enum Moment { case before, after }

  let moment: Moment
  fileprivate let statement: OpaquePointer

  /// Whether the connection is in a transaction that it began explicitly.
  var isInTransaction: Bool { sqlite3_get_autocommit(sqlite3_db_handle(statement)) == 0 }

  /// The text as it was prepared. Computed on demand, because most events do not need it.
  var sql: String { sqlite3_sql(statement).map { String(cString: $0) } ?? "" }
}

private typealias EntryPoint =
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, OpaquePointer?
  ) -> Int32

/// Makes every connection opened on a simulated disk report its statements to its process.
func traceNewConnections() {
  let entry: EntryPoint = { connection, _, _ in
    trace(connection)
    return SQLITE_OK
  }
  // SQLite declares the entry point without the arguments that it passes.
  sqlite3_auto_extension(unsafeBitCast(entry, to: (@convention(c) () -> Void).self))
}

private func trace(_ connection: OpaquePointer?) {
  var vfs: UnsafeMutablePointer<sqlite3_vfs>?
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_VFS_POINTER, &vfs)
  guard let vfs, vfs == Mount.vfs else { return }
  let events = SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE | SQLITE_TRACE_CLOSE
  // Released below, when the connection closes.
  let process = Unmanaged.passRetained(Mount.of(vfs).disk.opener)
  sqlite3_trace_v2(connection, UInt32(events), report, process.toOpaque())
}

private func report(
  _ event: UInt32, _ context: UnsafeMutableRawPointer?, _ subject: UnsafeMutableRawPointer?,
  _ detail: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context, let subject else { return 0 }
  let process = Unmanaged<SimulatedProcess>.fromOpaque(context)
  let handle = OpaquePointer(subject)
  switch Int32(event) {
  case SQLITE_TRACE_CLOSE:
    // Statements may outlive the connection's close and would report their end.
    sqlite3_trace_v2(handle, 0, nil, nil)
    process.release()
  case SQLITE_TRACE_STMT:
    // Triggers, and statements that SQLite runs for another one, come with a text of their own.
    guard detail == UnsafeMutableRawPointer(mutating: sqlite3_sql(handle)) else { return 0 }
    process.takeUnretainedValue().onStatement?(StatementEvent(moment: .before, statement: handle))
    // Unnamed files that the statement opens belong to its process, even if another process has
    // acted in the meantime.
    if let vfs = Mount.vfs { Mount.of(vfs).disk.opener = process.takeUnretainedValue() }
  default:
    process.takeUnretainedValue().onStatement?(StatementEvent(moment: .after, statement: handle))
  }
  return 0
}
