import CSQLite

/// Extended result codes of SQLite that the disk returns, or that tests inject. Swift cannot import
/// them because they are computed macros.
enum ResultCode {
  static let shortRead = SQLITE_IOERR | 2 << 8
  static let writeFailed = SQLITE_IOERR | 3 << 8
  static let syncFailed = SQLITE_IOERR | 4 << 8
  static let nothingToDelete = SQLITE_IOERR | 23 << 8
}
