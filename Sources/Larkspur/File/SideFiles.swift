import CLinux
import Glibc

/// The write-ahead log and its index, which lie beside a database for as long as anybody has it open.
///
/// Removing one of them splits a queue. Programs that have it open keep using the files that lost their
/// names, and programs that open it later create new ones. Neither side sees what the other writes, and
/// what one side copies into the database overwrites pages of the other. So each program compares the
/// files before it writes and before it closes the queue.
struct SideFiles: Sendable {
  /// The database, by the name beside which the two lie.
  let queue: String
  private let log: FileIdentity
  private let index: FileIdentity

  /// The files at these names, no matter which program has them open. Nil when they are missing.
  init?(_ queue: String) {
    self.queue = queue
    guard let log = FileIdentity(Self.log(of: queue)),
      let index = FileIdentity(Self.index(of: queue))
    else { return nil }
    self.log = log
    self.index = index
  }

  /// To be asked after SQLite has opened the queue: since then others may have taken their names.
  var areOpenHere: Bool { log.isOpenHere && index.isOpenHere }

  static func log(of queue: String) -> String { queue + "-wal" }
  static func index(of queue: String) -> String { queue + "-shm" }

  /// As another process can compare them.
  var text: String { "\(log.text) \(index.text)" }

  /// What has become of them.
  enum Standing {
    case inPlace
    /// Only the index is another one. All that was committed is in the log.
    case indexReplaced
    /// The log is gone, and nobody has written to another one.
    case logRemoved
    /// Somebody has begun another log after all of this one had been copied into the database.
    case logContinued
    /// Somebody has written to another log, without what is in this one.
    case logReplaced
  }

  func standing() -> Standing {
    let isIndexInPlace = FileIdentity(Self.index(of: queue)) == index
    if FileIdentity(Self.log(of: queue)) == log {
      return isIndexInPlace ? .inPlace : .indexReplaced
    }
    if Self.isLogUntouched(of: queue) { return .logRemoved }
    return isIndexInPlace && hasHeader ? .logContinued : .logReplaced
  }

  /// Nobody has written to the log that has the name now, if there is one.
  static func isLogUntouched(of queue: String) -> Bool {
    let path = log(of: queue)
    return FileIdentity(path) == nil || larkspur_is_untouched(path) != 0
  }

  var areInPlace: Bool { standing() == .inPlace }

  /// Bytes in the log.
  var logSize: Int { FileStatus(Self.log(of: queue))?.size ?? 0 }

  /// With the index still shared, a log begins with its header only when its writer has found that
  /// everything before was copied; else the writer goes on where the log before ended.
  private var hasHeader: Bool {
    let start = header()
    // Big-endian, and 0x82 or 0x83 at the end.
    return start.count == 32 && start[0..<3] == [0x37, 0x7F, 0x06] && start[3] | 1 == 0x83
  }

  /// The first bytes of the log that has the name now. They change whenever it is begun again.
  func header() -> [UInt8] {
    let file = open(Self.log(of: queue), O_RDONLY | O_CLOEXEC)
    if file < 0 { return [] }
    defer { close(file) }
    var start = [UInt8](repeating: 0, count: 32)
    return read(file, &start, start.count) == start.count ? start : []
  }
}

/// What a connection does about its side files.
struct SideFileGuard {
  enum Role {
    /// The one that puts things right. The worker has told others which files it has open.
    case worker
    /// Writes nothing while the worker has other files open.
    case guest
  }

  let files: SideFiles
  let role: Role

  /// To be asked while nobody else can write: what was read before may be from the wrong file.
  func check() throws(SQLiteError) {
    guard files.areInPlace else { throw .filesRemoved }
    if role == .guest, let worker = WorkerLock.filesOfWorker(queue: files.queue),
      worker != files.text
    {
      throw .filesRemoved
    }
  }

  /// Whether SQLite may do what it does when the last connection is closed: copy the log into the
  /// database, and remove what has its name.
  var mayCloseAsUsual: Bool {
    switch files.standing() {
    case .inPlace, .logRemoved: true
    case .indexReplaced, .logContinued, .logReplaced: false
    }
  }
}

extension SideFiles {
  /// Whether the worker of a queue has other files open than those at their names. Another
  /// program that opens the queue then would make it worse.
  static func areRemoved(fromWorkerOf queue: String) -> Bool {
    guard let worker = WorkerLock.filesOfWorker(queue: queue) else { return false }
    return worker != SideFiles(queue)?.text
  }
}
