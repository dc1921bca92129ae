import CSQLite

/// Something that changes the disk and is about to happen.
enum DiskOperation {
  case write(path: String, offset: Int, count: Int)
  case sync(path: String)
  case truncate(path: String, size: Int)
  case delete(path: String)
}

/// A process of the simulated machine: whom open files, their locks and connections belong to.
final class SimulatedProcess {
  /// A dead process has no locks, and nothing that it tries happens any more.
  private(set) var isDead = false

  /// Called before and after every statement of the process's connections. May kill the process,
  /// and use other connections.
  var onStatement: ((StatementEvent) -> Void)?

  /// Called before each operation that changes the disk. It may kill the process, and then the
  /// operation does not happen; or return a result code, with which the operation then fails.
  var onDiskOperation: ((DiskOperation) -> Int32?)?

  /// Ends the process as an operating system would: its locks are free at once.
  ///
  /// The connections remain, for whoever runs the process to close. Their every attempt fails with
  /// `SQLITE_CORRUPT`, an error that nobody waits out.
  func kill() {
    isDead = true
    // Nobody is told of what a dead process goes on to try, and what they capture is let go of.
    onStatement = nil
    onDiskOperation = nil
  }

  /// Why an operation cannot happen: the process is dead, or dies of it, or is told of an error.
  func refusal(of operation: DiskOperation) -> Int32? {
    if isDead { return SQLITE_CORRUPT }
    let injected = onDiskOperation?(operation)
    return isDead ? SQLITE_CORRUPT : injected
  }
}
