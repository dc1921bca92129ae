import CSQLite

/// SQLite's extended result codes that the disk gives, or that tests have it give. Swift cannot see
/// them: they are macros that compute.
enum ResultCode {
  static let shortRead = SQLITE_IOERR | 2 << 8
  static let writeFailed = SQLITE_IOERR | 3 << 8
  static let syncFailed = SQLITE_IOERR | 4 << 8
  static let nothingToDelete = SQLITE_IOERR | 23 << 8
}
