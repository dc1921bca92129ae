/// Why a store could not do what it was asked for, whatever engine it runs on. Bound values are left out: they
/// may be private.
package struct StoreError: Error, Equatable, Sendable {
  package enum Kind: Sendable {
    /// Somebody else holds the lock for longer than anybody waits.
    case busy
    /// It may work again once somebody has made room.
    case transient
    /// A file beside the queue was removed while it was open.
    case filesRemoved
    /// A row that makes no sense, which somebody must have changed.
    case damagedRow
    /// What was to be written breaks a rule of the schema. The message is the sentence that says which.
    case refused
    case other
  }

  package let kind: Kind
  package let message: String
  package let sql: String
  /// The engine's own code, and what the operating system said where the engine blames it.
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

  /// It may work again: somebody lets go, makes room, or puts a file back.
  package var isTransient: Bool { [.busy, .transient, .filesRemoved].contains(kind) }

  /// The worker cannot go on from what rows say, or what it would write breaks the rules of a table.
  package var isOfDamagedRows: Bool { kind == .damagedRow || kind == .refused }

  package static func damagedRow(_ what: String) -> StoreError {
    StoreError(.damagedRow, message: what)
  }

  package static let filesRemoved = StoreError(
    .filesRemoved, message: "its -wal or -shm file was removed")
}
