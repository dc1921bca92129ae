import CSQLite

/// What SQLite says when it cannot do something. Bound values are left out: they may be private.
package struct SQLiteError: Error, Equatable, Sendable {
  /// The extended result code.
  package let code: Int32
  package let message: String
  package let sql: String

  /// The result code without its extension.
  package var primaryCode: Int32 { code & 0xff }

  /// Another connection holds the lock for longer than the busy handler waits.
  package var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }

  /// It may work again once somebody has made room or let go.
  package var isPassing: Bool {
    isBusy || [SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM].contains(primaryCode)
  }

  /// A row that the schema's own checks refuse, with the sentence that says why.
  package var isRefusal: Bool { primaryCode == SQLITE_CONSTRAINT || primaryCode == SQLITE_MISMATCH }
}
