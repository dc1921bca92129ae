import CSQLite

/// A change to the disk that is about to happen.
enum DiskOperation {
  case write(path: String, offset: Int, count: Int)
  case sync(path: String)
  case truncate(path: String, size: Int)
  case delete(path: String)
}

/// A process of the simulated machine. It owns open files, their locks and connections.
final class SimulatedProcess {
  /// A dead process holds no locks, and everything it tries fails.
  private(set) var isDead = false

  /// Called before and after every statement of the process's connections. It may kill the process
  /// and use other connections.
  var onStatement: ((StatementEvent) -> Void)?

  /// Called before each operation that changes the disk. It may kill the process, and then the
  /// operation does not happen, or return a result code with which the operation fails.
  var onDiskOperation: ((DiskOperation) -> Int32?)?

  /// Ends the process as an operating system would: its locks are released at once.
  ///
  /// Its connections stay open until the caller closes them. Everything they try fails with
  /// `SQLITE_CORRUPT`, an error that no code retries.
  func kill() {
    isDead = true
    // A dead process reports nothing more. Dropping the closures releases what they capture.
    onStatement = nil
    onDiskOperation = nil
  }

  /// The result code of an operation that cannot happen, because the process is dead, is killed by
  /// it, or gets an injected error. Nil if the operation may go ahead.
  func refusal(of operation: DiskOperation) -> Int32? {
    if isDead { return SQLITE_CORRUPT }
    let injected = onDiskOperation?(operation)
    return isDead ? SQLITE_CORRUPT : injected
  }
}
