import Basics
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
        .busy, "queue \(path) has been locked by another program for too long",
        then: "Try again, or see which program holds it: fuser \(path)")
    case .filesRemoved:
      let obstacle = error == .filesRemoved ? "" : " (now: \(error.message))"
      self.init(
        .busy, "the -wal or -shm file of queue \(path) was removed while the queue was open",
        then: Self.afterRemoval(path) + obstacle)
    case .damagedRow:
      self.init(
        .cannotUse,
        "cannot use queue \(path): rows of it were changed, and Larkspur cannot repair them "
          + "(\(error.message)); restore them, or cancel their lanes: larkspur cancel LANE")
    case .lost: self.init(.cannotUse, error.message)
    case .transient, .other: self.init(code: error, path: path)
    }
  }

  /// For what was rolled back.
  private init(_ kind: Kind, _ what: String, then fix: String) {
    self.init(kind, "\(what); nothing was changed. \(fix)", fix: fix)
  }

  /// The command that saves what can be read of a damaged queue. `.recover` can save more, but in Debian 12 it fails
  /// even on a healthy database.
  package static func rescue(of path: String) -> String {
    "sqlite3 \(path) .dump | sed 's/^ROLLBACK; -- due to errors/COMMIT;/' | sqlite3 recovered.db"
  }

  private init(code error: StoreError, path: String) {
    switch error.primaryCode {
    case SQLITE_FULL: self.init(noRoom: path, ENOSPC)
    case SQLITE_IOERR where Self.noRoom.contains(error.code >> 8):
      self.init(noRoom: path, error.systemCode)
    case SQLITE_PROTOCOL,
      SQLITE_IOERR where Self.noLocks.contains(error.code >> 8):
      self.init(
        .cannotUse,
        "cannot use queue \(path): its file system does not support locks or shared memory "
          + "(\(error.message)); move it to a local disk")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      self.init(closed: path, "cannot write queue \(path)")
    case SQLITE_NOTADB:
      self.init(.cannotUse, "\(path) is not a database; give another file with --db")
    case SQLITE_CORRUPT:
      self.init(
        .cannotUse,
        "queue \(path) is damaged (\(error.message)); "
          + "save what can be read: \(Self.rescue(of: path))")
    case SQLITE_CANTOPEN: self.init(closed: path, "cannot open queue \(path)")
    default:
      self.init(.cannotUse, "cannot use queue \(path): \(error.message)")
    }
  }

  /// For a queue that this user may not use.
  init(closed path: String, _ what: String) {
    let sharing = "larkspur init --group GROUP --db \(path)"
    self.init(
      .cannotUse,
      "\(what); see: ls -ld \(parentFolder(of: path)) \(path); 'larkspur doctor' says how to fix it; for "
        + "several users, its owner shares it with a group: \(sharing)",
      fix: sharing)
  }

  private init(noRoom path: String, _ systemCode: Int32) {
    // SQLite does not always keep the system's error. If it is one of these, the limit is not the
    // cause.
    if ![ENOSPC, EDQUOT, EIO].contains(systemCode), let bytes = FileSizeLimit.bytes {
      self.init(
        .cannotUse,
        "a file of queue \(path) has reached the size limit of this process, \(bytes) bytes "
          + "(ulimit -f)", then: "Raise the limit and try again")
    } else {
      self.init(
        .cannotUse, "the disk that holds \(path) is full", then: "Free some space and try again")
    }
  }

  private static func afterRemoval(_ path: String) -> String {
    "A running worker repairs this, or says what may be missing, as soon as no other program has "
      + "the queue open (see: fuser \(path)). Try again then"
  }
}
