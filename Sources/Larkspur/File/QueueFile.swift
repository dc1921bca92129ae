import Basics
import Glibc

/// The file of a queue: finding, creating, recognising and migrating it.
package enum QueueFile {
  /// "Lark", in the header of every queue, so that another program's database is never touched.
  package static let applicationID = 0x4C61_726B

  /// How long every program but the worker waits for a lock.
  package static let patience_ms = 10_000

  /// Opens the queue at `path`. With `creating`, creates it first if there is none.
  package static func open(
    _ path: String, creating: Bool, patience_ms: Int = patience_ms
  ) throws(QueueError) -> Connection {
    try open(path, creating: creating, patience_ms: patience_ms, as: .guest)
  }

  static func open(
    _ path: String, creating: Bool, patience_ms: Int, as role: SideFileGuard.Role
  ) throws(QueueError) -> Connection {
    try check(path, creating: creating)
    let patience = RepairPatience(patience_ms)
    do {
      while true {
        do {
          return try openOnce(path, patience_ms: patience_ms, as: role)
        } catch let error as StoreError where error.kind == .filesRemoved {
          guard patience.waits() else { throw error }
        }
      }
    } catch let error as StoreError {
      throw QueueError(error, path: path)
    } catch let error as QueueError {
      throw error
    } catch {
      throw QueueError(.cannotUse, "cannot use queue \(path): \(error)")
    }
  }

  private static func openOnce(
    _ path: String, patience_ms: Int, as role: SideFileGuard.Role
  ) throws -> Connection {
    let real = realPath(path)
    if role == .guest && SideFiles.areRemoved(fromWorkerOf: real) { throw StoreError.filesRemoved }
    var connection = try Connection(path: path, mode: .readWrite, patience_ms: patience_ms)
    try prepare(connection, path: path, patience_ms: patience_ms)
    if role == .worker { connection.runNoTriggers() }
    // A simulation has no such files, and its queue file is missing or empty.
    guard let file = FileStatus(real), file.size > 0 else { return connection }
    guard let files = SideFiles(real), files.areOpenHere else {
      // SQLite may remove the log when it closes only if nothing was written to it.
      if !SideFiles.isLogUntouched(of: real) { connection.leaveFilesAlone() }
      throw StoreError.filesRemoved
    }
    connection.sideFiles = SideFileGuard(files: files, role: role)
    return connection
  }

  /// The path of the file without links; `path` itself if there is no file.
  package static func realPath(_ path: String) -> String { resolvedPath(path) ?? path }

  /// A queue in memory, for the checks of its schema.
  static func inMemory() throws(QueueError) -> Connection {
    do {
      let connection = try Connection(path: ":memory:", mode: .memory)
      try Migrator.bringUpToDate(connection, path: ":memory:")
      try connection.execute("begin")
      return connection
    } catch {
      throw QueueError(.cannotUse, "cannot create a queue in memory: \(error)")
    }
  }

  /// Whether there is something at the path. An empty file is not a queue yet.
  package static func exists(_ path: String) -> Bool {
    FileStatus(path).map { $0.size > 0 } ?? false
  }

  /// Checks that the file can be a queue. With `creating`, creates an empty one if there is none.
  package static func check(_ path: String, creating: Bool) throws(QueueError) {
    var info = stat()
    if stat(path, &info) == 0 { return try check(path, info) }
    if errno == EACCES {
      throw QueueError(closed: path, "cannot reach \(path): \(systemMessage())")
    }
    if let sentence = QueueNames.leadsNowhere(path) {
      throw QueueError(creating ? .cannotCreate : .missing, sentence)
    }
    guard creating else {
      throw QueueError(
        .missing,
        "there is no queue at \(path) yet; 'larkspur init' creates it, or give --db PATH")
    }
    try create(path)
  }

  private static func check(_ path: String, _ info: stat) throws(QueueError) {
    if info.st_mode & S_IFMT == S_IFDIR {
      throw QueueError(
        .cannotUse, "\(path) is a folder; name a file in it, for example \(path)/queue.db")
    }
    if info.st_mode & S_IFMT != S_IFREG {
      throw QueueError(.cannotUse, "\(path) is not a regular file; give another file with --db")
    }
    if info.st_size == 0 && lstatIsLink(path) {
      throw QueueError(
        .cannotCreate,
        "\(path) is a link to an empty file, which may not be meant as a queue; remove the link, "
          + "or give the file itself with --db")
    }
    try QueueNames.refuseMountPoint(path)
  }

  private static func create(_ path: String) throws(QueueError) {
    // SQLite would remove the log, with changes that are only in it.
    if let sentence = QueueNames.logWithoutQueue(path) {
      throw QueueError(.cannotCreate, sentence)
    }
    // Created here and not by SQLite, so that others cannot read it even for an instant, and so
    // that a planted link is not followed.
    let made = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if made >= 0 {
      // A umask of 777 would leave a queue that nobody can open.
      fchmod(made, QueueGroup.mode(ofNew: made, at: path))
      // The name of the file must survive a power cut too, like what is written to the file.
      sync(folderOf: path)
      close(made)
    } else if errno != EEXIST || lstatIsLink(path) {
      throw QueueError(
        .cannotCreate,
        "cannot create queue \(path): \(systemMessage()); check the folder, or give --db PATH")
    }
  }

  private static func lstatIsLink(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
  }

  private static func sync(folderOf path: String) {
    let descriptor = Glibc.open(parentFolder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func prepare(
    _ connection: borrowing Connection, path: String, patience_ms: Int
  ) throws {
    if try application(of: connection) != applicationID {
      let tables = try connection.first("select count(*) from sqlite_schema") { $0.int(0) } ?? 0
      // Read again, because another process may just have created the queue: it commits the tables
      // and the mark in one transaction.
      let application = try application(of: connection)
      guard application == applicationID || (application == 0 && tables == 0) else {
        throw QueueError(.cannotUse, try UnmarkedCopy.advice(for: connection, path: path))
      }
    }
    try WriteAheadLog.use(connection, path: path, patience_ms: patience_ms)
    try Migrator.bringUpToDate(connection, path: path)
  }

  private static func application(of connection: borrowing Connection) throws -> Int {
    try connection.first("pragma application_id") { $0.int(0) } ?? 0
  }
}
