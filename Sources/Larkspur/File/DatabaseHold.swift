import Glibc

/// The worker's own descriptor of the database, beside SQLite's, for locks that SQLite does not
/// know about.
///
/// Closing any descriptor of a file drops all POSIX locks that the process has on it, including
/// SQLite's. So this one is opened before SQLite opens the file, and closed after SQLite has closed
/// it.
struct DatabaseHold: ~Copyable {
  private let descriptor: Int32

  /// If there is no file, as in a simulation, nothing can be locked.
  init(_ path: String) { descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) }

  deinit { close(descriptor) }

  /// Marks the file, under all its names, as open in a worker. False if another worker has marked
  /// it.
  borrowing func showWorker() -> Bool {
    RangeLock.apply(RangeLock.take, on: Self.mark, of: descriptor) != nil || descriptor < 0
  }

  /// Whether a worker has the file open, under any name. A process that has the file open itself
  /// must not call this: it would lose its locks.
  static func isWorked(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return false }
    defer { close(descriptor) }
    let found = RangeLock.apply(RangeLock.find, on: mark, of: descriptor)
    return found.map { $0 != F_UNLCK } ?? false
  }

  /// Makes SQLite's shared lock in this process an exclusive one until SQLite closes the file: no
  /// other program has the file open then, and none can open it. False if another program has it
  /// open.
  ///
  /// The range includes the byte that programs lock first when they open the file. Their attempts
  /// would otherwise prevent what SQLite does when the last connection is closed.
  borrowing func lockOthersOut() -> Bool { lock(Self.allOfSQLites, F_WRLCK) }

  /// Goes back to the lock that SQLite knows about.
  borrowing func letOthersIn() {
    _ = lock(Self.sharedBytes, F_RDLCK)
    _ = lock(Self.lockPage..<Self.sharedBytes.lowerBound, F_UNLCK)
  }

  private borrowing func lock(_ range: Range<Int>, _ kind: Int32) -> Bool {
    RangeLock.apply(F_SETLK, kind, on: range, of: descriptor) != nil
  }

  /// SQLite's locks are on the first 512 bytes of the page at 1 GiB, which holds no data.
  private static let lockPage = 0x4000_0000
  private static let allOfSQLites = lockPage..<lockPage + 512
  static let sharedBytes = lockPage + 2..<lockPage + 512

  /// A byte that SQLite does not use.
  private static let mark = lockPage + 0x1000..<lockPage + 0x1001
}
