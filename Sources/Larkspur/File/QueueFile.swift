import CSQLite
import Glibc

/// The file a queue lives in: found, made, recognised and brought up to date.
package enum QueueFile {
  /// "Lark", in the header of every queue, so that another program's database is never touched.
  static let applicationID = 0x4C61_726B

  /// How long anybody but the worker waits for a lock.
  package static let patience_ms = 10_000

  /// Opens the queue at `path`. With `creating`, makes it first if there is none.
  package static func open(
    _ path: String, creating: Bool, patience_ms: Int = patience_ms
  ) throws(QueueError) -> Connection {
    try check(path, creating: creating)
    do {
      let connection = try Connection(path: path, mode: .readWrite, patience_ms: patience_ms)
      try prepare(connection, path: path)
      return connection
    } catch let error as SQLiteError {
      throw QueueError(error, path: path)
    } catch let error as QueueError {
      throw error
    } catch {
      throw QueueError(.cannotUse, "the queue \(path) cannot be used: \(error)")
    }
  }

  /// Where the file is that `path` leads to; `path` itself when there is none.
  static func realPath(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// A queue that lives in memory, for its checks.
  static func inMemory() throws(QueueError) -> Connection {
    do {
      let connection = try Connection(path: ":memory:", mode: .memory)
      try Migrator.bringUpToDate(connection, path: ":memory:")
      try connection.execute("begin")
      return connection
    } catch {
      throw QueueError(.cannotUse, "a queue in memory cannot be made: \(error)")
    }
  }

  private static func check(_ path: String, creating: Bool) throws(QueueError) {
    var info = stat()
    if stat(path, &info) == 0 {
      if info.st_mode & S_IFMT == S_IFDIR {
        throw QueueError(
          .cannotUse, "\(path) is a folder. Name a file in it, for example \(path)/queue.db.")
      }
      if info.st_mode & S_IFMT != S_IFREG {
        throw QueueError(.cannotUse, "\(path) is not a file that a queue could live in.")
      }
      if info.st_size == 0 && lstatIsLink(path) {
        throw QueueError(
          .cannotCreate,
          "\(path) is a link to an empty file, in which nobody may have meant to have a queue. "
            + "Remove the link, or give the file itself with --db.")
      }
      return
    }
    if errno == EACCES {
      throw QueueError(.cannotUse, "\(path) cannot be reached: \(message(errno)).")
    }
    guard creating else {
      throw QueueError(
        .missing,
        "there is no queue at \(path) yet. `larkspur enqueue` makes it, or give --db PATH.")
    }
    // Made by us and not by SQLite, so that it is never readable by others, not for an instant, and
    // never through a link that somebody has planted.
    let made = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if made >= 0 {
      // The name itself must survive a power cut as surely as what is written under it.
      sync(folderOf: path)
      close(made)
    } else if errno != EEXIST || lstatIsLink(path) {
      throw QueueError(
        .cannotCreate,
        "the queue \(path) cannot be created: \(message(errno)). Check the folder, or give --db PATH."
      )
    }
  }

  private static func lstatIsLink(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
  }

  private static func sync(folderOf path: String) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func prepare(
    _ connection: borrowing Connection, path: String
  ) throws {
    if try application(of: connection) != applicationID {
      let tables = try connection.first("select count(*) from sqlite_schema") { $0.int(0) } ?? 0
      // Asked again, because the tables may be those of a queue that another process has just made:
      // they and its mark come in one transaction.
      let application = try application(of: connection)
      guard application == applicationID || (application == 0 && tables == 0) else {
        throw QueueError(
          .cannotUse,
          "\(path) is a database, but not a Larkspur queue. Give another file with --db.")
      }
      try useWriteAheadLog(connection)
    }
    try connection.execute("pragma synchronous = full")
    try Migrator.bringUpToDate(connection, path: path)
  }

  private static func application(of connection: borrowing Connection) throws -> Int {
    try connection.first("pragma application_id") { $0.int(0) } ?? 0
  }

  /// On a new file this statement takes a lock without asking the busy handler: of processes that
  /// are released at one instant, one in seven fails at it. So it is repeated here.
  private static func useWriteAheadLog(_ connection: borrowing Connection) throws(SQLiteError) {
    for attempt in 0... {
      do {
        try connection.execute("pragma journal_mode = wal")
        return
      } catch {
        guard error.isBusy, attempt < 10_000 else { throw error }
        var nap = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        nanosleep(&nap, nil)
      }
    }
  }

  private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}

extension QueueError {
  /// Extended codes of SQLITE_IOERR (write, size of shared memory, its opening) that a full disk
  /// shows as when it is found full outside a transaction.
  private static let noRoom: Set<Int32> = [3, 18, 19]

  /// What a person can do about what SQLite says.
  package init(_ error: SQLiteError, path: String) {
    switch error.primaryCode {
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH:
      self.init(.refused, error.message)
    case SQLITE_BUSY, SQLITE_LOCKED:
      self.init(
        .busy,
        "the queue \(path) has been locked by another program for too long. Nothing was changed; "
          + "try again, or see who holds it: fuser \(path)")
    case SQLITE_FULL,
      SQLITE_IOERR where error.code != SQLITE_IOERR && Self.noRoom.contains(error.code >> 8):
      self.init(
        .cannotUse,
        "the disk that holds \(path) is full. Nothing was changed; make room and try again.")
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
}
