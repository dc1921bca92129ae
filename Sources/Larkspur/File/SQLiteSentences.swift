import CSQLite
import Glibc

extension QueueError {
  /// Extended codes of SQLITE_IOERR that a full disk causes outside a transaction: write, size of
  /// the shared memory, opening of the shared memory.
  private static let noRoom: Set<Int32> = [3, 18, 19]
  /// Extended codes of SQLITE_IOERR on a file system that cannot lock or share memory: lock, and
  /// lock and map of the index.
  private static let noLocks: Set<Int32> = [15, 20, 21]

  /// The error for people: what SQLite reports, and what to do about it.
  package init(_ error: StoreError, path: String) {
    switch error.kind {
    case .refused: self.init(.refused, error.message)
    case .busy:
      self.init(
        .busy,
        "the queue \(path) has been locked by another program for too long. Nothing was changed; "
          + "try again, or see who holds it: fuser \(path)")
    case .filesRemoved: self.init(.busy, Self.filesRemoved(path))
    case .damagedRow:
      self.init(
        .cannotUse,
        "the queue \(path) cannot be used: rows of it were changed, and Larkspur cannot repair them "
          + "(\(error.message)). Restore them, or cancel what they are about: larkspur cancel LANE")
    case .transient, .other: self.init(code: error, path: path)
    }
  }

  private init(code error: StoreError, path: String) {
    switch error.primaryCode {
    case SQLITE_FULL: self.init(.cannotUse, Self.noRoom(path, ENOSPC))
    case SQLITE_IOERR where Self.noRoom.contains(error.code >> 8):
      self.init(.cannotUse, Self.noRoom(path, error.systemCode))
    case SQLITE_PROTOCOL,
      SQLITE_IOERR where Self.noLocks.contains(error.code >> 8):
      self.init(
        .cannotUse,
        "the queue \(path) cannot be used: its file system has no locks or no memory that programs can "
          + "share (\(error.message)). Put it on a local disk.")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      self.init(
        .cannotUse,
        "the queue \(path) cannot be written. Check who owns the file and its folder (ls -l \(path))."
      )
    case SQLITE_NOTADB:
      self.init(.cannotUse, "\(path) is not a database. Give another file with --db.")
    case SQLITE_CORRUPT:
      self.init(
        .cannotUse,
        "the queue \(path) is damaged (\(error.message)). Save what can be read: "
          + "sqlite3 \(path) .recover | sqlite3 recovered.db")
    case SQLITE_CANTOPEN:
      self.init(
        .cannotUse,
        "the queue \(path) cannot be opened. Check that the file and its folder can be read and "
          + "written (ls -ld \(path) and its folder).")
    default:
      self.init(.cannotUse, "the queue \(path) cannot be used: \(error.message).")
    }
  }

  private static func noRoom(_ path: String, _ systemCode: Int32) -> String {
    // SQLite does not always keep the system's error. If it is one of these, the limit is not the
    // cause.
    if ![ENOSPC, EDQUOT, EIO].contains(systemCode), let bytes = FileSizeLimit.bytes {
      return
        "a file of the queue \(path) has reached the size limit of this process, \(bytes) bytes "
        + "(ulimit -f). Nothing was changed; raise the limit and try again."
    }
    return "the disk that holds \(path) is full. Nothing was changed; make room and try again."
  }

  private static func filesRemoved(_ path: String) -> String {
    "the -wal or -shm file of the queue \(path) was removed while the queue was open. A running worker "
      + "puts that right, or says what may be missing, as soon as no other program has the queue open "
      + "(see: fuser \(path)). Nothing was changed; try again then."
  }
}
