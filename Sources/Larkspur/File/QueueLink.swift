/// A connection to a queue that can be closed and opened again.
final class QueueLink {
  private let path: String
  private let patience_ms: Int
  private let role: SideFileGuard.Role
  private var opened: Opened?

  /// A box: a value that cannot be copied cannot be taken out of a variable and put back.
  private final class Opened {
    let connection: Connection

    init(_ connection: consuming Connection) { self.connection = connection }
  }

  init(
    _ path: String, creating: Bool, patience_ms: Int = QueueFile.patience_ms,
    as role: SideFileGuard.Role = .guest
  ) throws(QueueError) {
    self.path = path
    self.patience_ms = patience_ms
    self.role = role
    opened = Opened(
      try QueueFile.open(path, creating: creating, patience_ms: patience_ms, as: role))
  }

  /// A connection that cannot be opened again.
  init(_ connection: consuming Connection) {
    path = ":memory:"
    patience_ms = 0
    role = .guest
    opened = Opened(connection)
  }

  var isOpen: Bool { opened != nil }

  var db: Connection {
    _read {
      guard let opened else { preconditionFailure("a queue was used that has been closed") }
      yield opened.connection
    }
  }

  func close() { opened = nil }

  func open() throws(QueueError) {
    if isOpen { return }
    opened = Opened(
      try QueueFile.open(path, creating: false, patience_ms: patience_ms, as: role))
  }

  /// Runs `body`, which is one transaction or only reads. Runs it again if a file beside the queue
  /// was removed; what it wrote has then been rolled back.
  func perform<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(QueueError) -> Result {
    let patience = RepairPatience(patience_ms)
    while true {
      try open()
      do throws(StoreError) {
        // Reading would find what no other program sees, and keep the worker from writing it back.
        if let files = db.sideFiles?.files, !files.areInPlace { throw .filesRemoved }
        return try body()
      } catch {
        let error = told(error)
        // The worker cannot write back while this is open, and this is of no more use.
        if error.kind == .filesRemoved { close() }
        guard error.kind == .filesRemoved, patience.waits() else {
          throw QueueError(error, path: path)
        }
      }
    }
  }

  /// The real cause of an error of the connection.
  func told(_ error: StoreError) -> StoreError {
    guard isOpen, let files = db.sideFiles?.files, !files.areInPlace else { return error }
    return error.kind == .filesRemoved ? error : .filesRemoved(error.message)
  }
}
