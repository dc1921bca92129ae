import CSQLite

/// What SQLite's result codes mean.
extension StoreError {
  /// `code` is an extended result code.
  package init(code: Int32, message: String, sql: String, systemCode: Int32 = 0) {
    let refusal = code == SQLITE_ERROR ? Self.refusalOfAction(in: message) : nil
    self.init(
      refusal == nil ? Self.kind(of: code) : .refused, message: refusal ?? message, sql: sql,
      code: code, systemCode: systemCode)
  }

  private static func kind(of code: Int32) -> Kind {
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED: .busy
    // A part of one log was looked for in another: a program with a new log shares the index.
    case SQLITE_IOERR where code == shortRead: .filesRemoved
    case SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM: .transient
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH: .refused
    default: .other
    }
  }

  private static let shortRead = SQLITE_IOERR | 2 << 8

  /// The result code without its extension.
  var primaryCode: Int32 { code & 0xff }

  /// Whether the statement was ended because it took too long.
  package var isInterruption: Bool { primaryCode == SQLITE_INTERRUPT }

  /// Whether the file is damaged.
  package var isOfDamagedFile: Bool { primaryCode == SQLITE_CORRUPT }

  /// Whether the file is no database at all.
  package var isOfOtherFile: Bool { primaryCode == SQLITE_NOTADB }

  /// Whether no id could be given, perhaps because the id counter was changed by hand.
  var mayBeOfNumbers: Bool {
    primaryCode == SQLITE_FULL || message.hasPrefix("the queue's counter of ids")
  }

  /// The message of the one schema check that computes its message. Before SQLite 3.47 `raise`
  /// takes only literals, so that check uses the message as a JSON path, which SQLite quotes in its
  /// error. No other path begins like this one.
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
