/// Why an operation of a store failed, on any engine. Bound values are left out, because they may
/// be private.
package struct StoreError: Error, Equatable, Sendable {
  package enum Kind: Sendable {
    /// Another connection held the lock for longer than the operation may wait.
    case busy
    /// It may work again once there is room.
    case transient
    /// A file beside the queue was removed while it was open.
    case filesRemoved
    /// A row makes no sense. It must have been changed by hand.
    case damagedRow
    /// This run has lost what it worked on to another run, and has to end.
    case lost
    /// The write breaks a rule of the schema. The message is a sentence that says which.
    case refused
    case other
  }

  package let kind: Kind
  package let message: String
  package let sql: String
  /// The engine's own code, and the operating system's if the engine blames it.
  package let code: Int32
  package let systemCode: Int32

  package init(
    _ kind: Kind, message: String, sql: String = "", code: Int32 = 0, systemCode: Int32 = 0
  ) {
    self.kind = kind
    self.message = message
    self.sql = sql
    self.code = code
    self.systemCode = systemCode
  }

  /// It may work again, once a lock is released, there is room, or a file is back.
  package var isTransient: Bool { [.busy, .transient, .filesRemoved].contains(kind) }

  /// The worker cannot use what a row says, or what it would write breaks the rules of a table.
  package var isOfDamagedRows: Bool { kind == .damagedRow || kind == .refused }

  package static func damagedRow(_ what: String) -> StoreError {
    StoreError(.damagedRow, message: what)
  }

  package static let filesRemoved = StoreError(
    .filesRemoved, message: "its -wal or -shm file was removed")

  /// With what keeps the worker from putting that right.
  static func filesRemoved(_ obstacle: String) -> StoreError {
    StoreError(.filesRemoved, message: obstacle)
  }
}
