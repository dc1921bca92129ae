import CSQLite
import Planning

/// One connection to a database file, closed exactly once. It belongs to one thread.
package struct Connection: ~Copyable {
  private let handle: OpaquePointer
  private let statements = StatementCache()
  private let patience: BusyPatience
  /// Set once it is known which files SQLite has opened beside the database.
  var sideFiles: SideFileGuard?

  /// How a file is opened. No mode creates a database: see `QueueFile`.
  package enum Mode {
    case readWrite, memory
    /// SQLite may create the files beside the database if they are missing.
    case readOnly
    /// SQLite assumes that nobody changes the file. It takes no locks and touches no other file.
    case immutable
  }

  /// Waits `patience_ms` for a lock that another connection holds.
  package init(path: String, mode: Mode, patience_ms: Int = 0) throws(StoreError) {
    let flags =
      switch mode {
      case .readWrite: SQLITE_OPEN_READWRITE
      case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
      case .readOnly: SQLITE_OPEN_READONLY
      case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      }
    let name = mode == .immutable ? Self.address(ofImmutable: path) : path
    var opened: OpaquePointer?
    // The thread that owns the connection is the only one to use it, so SQLite needs no mutex.
    let code = sqlite3_open_v2(
      name, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard let opened, code == SQLITE_OK else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw StoreError(code: code, message: message, sql: "")
    }
    handle = opened
    patience = BusyPatience(patience_ms)
    patience.install(on: opened)
  }

  /// Only an address can say that a file is immutable.
  private static func address(ofImmutable path: String) -> String {
    // With two slashes, a path that begins with two would be taken for the name of a host.
    (path.hasPrefix("/") ? "file://" : "file:") + percentEncoded(path) + "?immutable=1"
  }

  private static func percentEncoded(_ path: String) -> String {
    path.utf8.map { byte in
      switch UnicodeScalar(byte) {
      case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "/": String(UnicodeScalar(byte))
      default: "%" + hexadecimal(UInt64(byte), digits: 2)
      }
    }.joined()
  }

  deinit {
    statements.finalizeAll()
    if sideFiles?.mayCloseAsUsual == false { leaveFilesAlone() }
    sqlite3_close_v2(handle)
  }

  /// Runs a statement that is prepared once and cached. The address of its text is the key, so the
  /// text must be a literal.
  package borrowing func execute(_ sql: StaticString, _ values: Value...) throws(StoreError) {
    try withStatement(sql, values) { (statement) throws(StoreError) in
      while try statement.step() {}
    }
  }

  /// Calls `body` with each row.
  package borrowing func each(
    _ sql: StaticString, _ values: Value...,
    body: (borrowing Statement) throws(StoreError) -> Void
  ) throws(StoreError) {
    try withStatement(sql, values) { (statement) throws(StoreError) in
      while try statement.step() { try body(statement) }
    }
  }

  /// The result of `body` for the first row; nil if there is none.
  package borrowing func first<Result>(
    _ sql: StaticString, _ values: Value...,
    body: (borrowing Statement) throws(StoreError) -> Result
  ) throws(StoreError) -> Result? {
    try withStatement(sql, values) { (statement) throws(StoreError) -> Result? in
      try statement.step() ? try body(statement) : nil
    }
  }

  /// The results of `body` for all rows.
  package borrowing func all<Result>(
    _ sql: StaticString, _ values: Value...,
    body: (borrowing Statement) throws(StoreError) -> Result
  ) throws(StoreError) -> [Result] {
    var results: [Result] = []
    try withStatement(sql, values) { (statement) throws(StoreError) in
      while try statement.step() { results.append(try body(statement)) }
    }
    return results
  }

  /// Runs a script of any number of statements without values.
  package borrowing func run(script: String) throws(StoreError) {
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    if code != SQLITE_OK { throw error(code, sql: script) }
  }

  /// The same, calling `heard` many times a second while it runs.
  package borrowing func run(script: String, _ heard: @escaping () -> Void) throws(StoreError) {
    try StatementProgress(heard).follow(handle) { () throws(StoreError) in
      try run(script: script)
    }
  }

  /// Runs `body`, and interrupts its statements once this much time has passed.
  borrowing func interrupting<Result>(
    after milliseconds: Int, _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let timer = InterruptTimer(handle, after: milliseconds)
    defer { timer.stop() }
    return try body()
  }

  /// A statement that is used once.
  package borrowing func prepare(_ sql: String) throws(StoreError) -> Statement {
    Statement(try compile(sql, flags: 0))
  }

  package borrowing func transaction<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    // Immediate, because a transaction that reads first and then writes fails at once, without
    // waiting, if another has written in between.
    try execute("begin immediate")
    do {
      try sideFiles?.check()
      let result = try body()
      try execute("commit")
      return result
    } catch {
      // Some errors have already rolled back.
      if sqlite3_get_autocommit(handle) == 0 { try? execute("rollback") }
      throw error
    }
  }

  /// Keeps SQLite from writing the log back or removing it when this connection is closed.
  borrowing func leaveFilesAlone() { larkspur_close_without_checkpoint(handle) }

  /// Turns triggers off for this connection. The schema has them for what others write.
  package borrowing func runNoTriggers() { larkspur_run_no_triggers(handle) }

  /// Runs `body` without waiting for any lock.
  borrowing func withoutPatience<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let usual = patience.longest_ms
    patience.longest_ms = -1
    defer { patience.longest_ms = usual }
    return try body()
  }

  package var lastInsertID: Int { Int(sqlite3_last_insert_rowid(handle)) }

  /// Rows changed by the last statement.
  package var changes: Int { Int(sqlite3_changes64(handle)) }

  private borrowing func withStatement<Result>(
    _ sql: StaticString, _ values: [Value],
    _ body: (borrowing Statement) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let held = try statements.find(sql) { () throws(StoreError) in
      HeldStatement(try compile(sql.description, flags: UInt32(SQLITE_PREPARE_PERSISTENT)))
    }
    defer { held.statement.reset() }
    try held.statement.bind(values)
    return try body(held.statement)
  }

  private borrowing func compile(_ sql: String, flags: UInt32) throws(StoreError) -> OpaquePointer {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil)
    guard let statement, code == SQLITE_OK else { throw error(code, sql: sql) }
    return statement
  }

  private borrowing func error(_ code: Int32, sql: String) -> StoreError {
    StoreError(
      code: code, message: String(cString: sqlite3_errmsg(handle)), sql: sql,
      systemCode: sqlite3_system_errno(handle))
  }
}

/// A box for a statement, because a dictionary cannot hold a value that cannot be copied.
private final class HeldStatement {
  let statement: Statement

  init(_ handle: OpaquePointer) { statement = Statement(handle) }
}

/// Prepared statements by the address of their text. The address of a literal never changes.
private final class StatementCache {
  private var held: [UnsafePointer<UInt8>: HeldStatement] = [:]

  func find(
    _ sql: StaticString, make: () throws(StoreError) -> HeldStatement
  ) throws(StoreError) -> HeldStatement {
    if let known = held[sql.utf8Start] { return known }
    let made = try make()
    held[sql.utf8Start] = made
    return made
  }

  func finalizeAll() { held.removeAll() }
}
