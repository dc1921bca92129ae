import CSQLite

/// What SQLite says when it cannot do something. Bound values are left out: they may be private.
package struct SQLiteError: Error, Equatable, Sendable {
  /// The extended result code.
  package let code: Int32
  package let message: String
  package let sql: String
  /// What the operating system said; only of use where SQLite blames it.
  package let systemCode: Int32

  package init(code: Int32, message: String, sql: String, systemCode: Int32 = 0) {
    self.systemCode = systemCode
    let refusal = code == SQLITE_ERROR ? Self.refusalOfAction(in: message) : nil
    self.code = refusal == nil ? code : SQLITE_CONSTRAINT
    self.message = refusal ?? message
    self.sql = sql
  }

  /// The result code without its extension.
  package var primaryCode: Int32 { code & 0xff }

  /// Another connection holds the lock for longer than the busy handler waits.
  package var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }

  /// A file beside the database was removed while it was open. Not from SQLite, which reports this code
  /// on other systems only.
  package static let filesRemoved = SQLiteError(
    code: fileVanished, message: "its -wal or -shm file was removed", sql: "")

  private static let fileVanished = SQLITE_IOERR | 27 << 8  // SQLITE_IOERR_VNODE
  private static let shortRead = SQLITE_IOERR | 2 << 8

  /// Or a part of the log was looked for in another log: a newcomer shares the index.
  package var isOfRemovedFiles: Bool { code == Self.fileVanished || code == Self.shortRead }

  /// A row that makes no sense, which somebody must have changed. Not from SQLite, which reports this code
  /// when it finds an error of its own.
  package static func damagedRow(_ what: String) -> SQLiteError {
    SQLiteError(code: SQLITE_INTERNAL, message: what, sql: "")
  }

  /// The worker cannot go on from what rows say: one makes no sense, or what it would write breaks the rules
  /// of a table.
  package var isOfDamagedRows: Bool { primaryCode == SQLITE_INTERNAL || isRefusal }

  /// An id is not given because the counter of ids was changed by hand.
  var mayBeOfNumbers: Bool {
    primaryCode == SQLITE_FULL || message.hasPrefix("the queue's counter of ids")
  }

  /// It may work again once somebody has made room or let go.
  package var isTransient: Bool {
    isBusy || [SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM].contains(primaryCode)
  }

  /// A row that the schema's own checks refuse, with the sentence that says why.
  package var isRefusal: Bool { primaryCode == SQLITE_CONSTRAINT || primaryCode == SQLITE_MISMATCH }

  /// The sentence of the one check that has to compute its sentence. Before SQLite 3.47 `raise` takes
  /// only literals, so that check uses it as a JSON path, which SQLite quotes back: no other path
  /// begins like this one.
  private static func refusalOfAction(in message: String) -> String? {
    for beginning in ["JSON path error near '", "bad JSON path: '"] {
      guard message.hasPrefix(beginning + "action "), message.hasSuffix("'") else { continue }
      let sentence = message.dropFirst(beginning.count).dropLast()
      let afterNumber = sentence.dropFirst("action ".count).drop { $0.isASCII && $0.isNumber }
      guard afterNumber.hasPrefix(": ") else { continue }
      return String(sentence.replacing("''", with: "'"))
    }
    return nil
  }
}
