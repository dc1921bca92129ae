import CLinux
import Glibc

/// The write-ahead log and its index, which lie beside a database while any program has it open.
///
/// Removing one of them splits a queue. Programs that have it open keep using the files that lost
/// their names, and programs that open it later create new ones. Neither side sees what the other
/// writes, and what one side copies into the database overwrites pages of the other. So each
/// program compares the files before it writes and before it closes the queue.
struct SideFiles: Sendable {
  /// The path of the database, beside which the two files lie.
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

  /// Whether this process has these files open. Must be checked after SQLite has opened the queue:
  /// others may have taken their names since.
  var areOpenHere: Bool { log.isOpenHere && index.isOpenHere }

  static func log(of queue: String) -> String { queue + "-wal" }
  static func index(of queue: String) -> String { queue + "-shm" }

  /// The identities as text, which other processes can compare.
  var text: String { "\(log.text) \(index.text)" }

  /// What has become of them.
  enum Standing {
    case inPlace
    /// Only the index was replaced.
    case indexReplaced
    /// The log is gone, and no other one has been written to.
    case logRemoved
    /// Another log has been written to, without what is in this one.
    case logReplaced
  }

  func standing() -> Standing {
    if FileIdentity(Self.log(of: queue)) == log {
      return FileIdentity(Self.index(of: queue)) == index ? .inPlace : .indexReplaced
    }
    return Self.isLogUntouched(of: queue) ? .logRemoved : .logReplaced
  }

  /// The files that have taken over these names.
  var newcomers: Set<FileIdentity> {
    let paths = [Self.log(of: queue), Self.index(of: queue)]
    return Set(paths.compactMap { FileIdentity($0) }).subtracting([log, index])
  }

  /// Whether the log open here still holds everything that was committed through the index open
  /// here and through the one that has its name now. Must be called while no other program has the
  /// queue open.
  var isLogWhole: Bool {
    guard let log = log.descriptorHere, let index = index.descriptorHere,
      let known = LogExtent(index: index)
    else { return false }
    return known.isBeginning(of: log) && newIndex()?.isBeginning(of: log) ?? true
  }

  /// Whether somebody is in the middle of writing, as far as the files can tell.
  var mayBeWrittenNow: Bool {
    guard let log = log.descriptorHere, let index = index.descriptorHere,
      let known = LogExtent(index: index)
    else { return true }
    return known.isContinued(in: log)
  }

  private func newIndex() -> LogExtent? {
    let path = Self.index(of: queue)
    guard let newcomer = FileIdentity(path), newcomer != index else { return nil }
    // Another connection of this process may have it open.
    if let file = newcomer.descriptorHere { return LogExtent(index: file) }
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if file < 0 { return nil }
    defer { close(file) }
    return LogExtent(index: file)
  }

  var isLogGone: Bool { FileIdentity(Self.log(of: queue)) == nil }

  /// Whether nothing was written to the log that has the name now, if there is one.
  static func isLogUntouched(of queue: String) -> Bool {
    let path = log(of: queue)
    return FileIdentity(path) == nil || larkspur_is_untouched(path) != 0
  }

  var areInPlace: Bool { standing() == .inPlace }

  /// Bytes in the log.
  var logSize: Int { FileStatus(Self.log(of: queue))?.size ?? 0 }
}

/// What a connection does about its side files.
struct SideFileGuard {
  enum Role {
    /// Repairs the files. It has told other programs which ones it has open.
    case worker
    /// Writes nothing while the worker has other files open.
    case guest
  }

  let files: SideFiles
  let role: Role

  /// Throws if the files are the wrong ones. Must be called while no other program can write: what
  /// was read before may be from the wrong file.
  func check() throws(StoreError) {
    guard files.areInPlace else { throw .filesRemoved }
    if role == .guest, let worker = WorkerLock.filesOfWorker(queue: files.queue),
      worker != files.text
    {
      throw .filesRemoved
    }
  }

  /// Whether SQLite may do what it does when the last connection is closed: copy the log into the
  /// database, and remove the file that has the log's name.
  var mayCloseAsUsual: Bool {
    switch files.standing() {
    case .inPlace: true
    case .logRemoved: files.isLogWhole
    case .indexReplaced, .logReplaced: false
    }
  }
}

extension SideFiles {
  /// Whether a queue's worker has other files open than those that have the names now. Another
  /// program that opens the queue would make it worse.
  static func areRemoved(fromWorkerOf queue: String) -> Bool {
    guard let worker = WorkerLock.filesOfWorker(queue: queue) else { return false }
    return worker != SideFiles(queue)?.text
  }
}
