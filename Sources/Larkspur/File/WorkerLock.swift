import Basics
import Glibc
import Planning

/// The right to be the only worker of a queue: an OS lock on a file beside it, which is released
/// when its owner ends, however that happens. The lock is not on the database itself, because
/// closing any descriptor of the database would drop SQLite's locks.
///
/// The file begins with `headBytes` bytes that say who holds the lock and which files it uses. The
/// worker's heartbeat follows.
package struct WorkerLock: ~Copyable {
  private let descriptor: Int32
  private let path: String
  /// The last heartbeat of the previous worker.
  private let last: Heartbeat?

  package enum Attempt: ~Copyable {
    case taken(WorkerLock)
    /// Another worker has the lock; `by` is what it wrote about itself.
    case held(by: String)
  }

  /// Beside the queue's file itself, not beside a link to it.
  package static func path(of queue: String) -> String { QueueFile.realPath(queue) + suffix }

  private static let suffix = ".worker"

  package static func take(queue: String) throws(QueueError) -> Attempt {
    let path = path(of: queue)
    let descriptor = open(path, O_RDWR | O_CREAT | waryOpening, 0o600)
    guard descriptor >= 0 else {
      let why = errno == ELOOP ? "it is a link" : systemMessage()
      throw QueueError(
        .cannotUse,
        "cannot open lock file \(path): \(why); see: ls -ld \(parentFolder(of: path)) \(path); "
          + "'larkspur doctor' says how to fix it")
    }
    guard isOrdinary(descriptor) else {
      close(descriptor)
      throw QueueError(
        .cannotUse,
        "lock file \(path) is not a regular file, or has other names; look at it (ls -l \(path)) "
          + "and remove it")
    }
    makeUsable(descriptor, of: queue)
    guard RangeLock.apply(RangeLock.take, of: descriptor) != nil else {
      if errno != EAGAIN && errno != EACCES {
        let why = systemMessage()
        close(descriptor)
        throw QueueError(.cannotUse, "cannot lock \(path): \(why)")
      }
      let owner = read(descriptor)
      close(descriptor)
      return .held(by: owner)
    }
    let last = heartbeat(descriptor)
    write("", to: descriptor)
    // The previous worker's heartbeat is no longer true.
    ftruncate(descriptor, off_t(headBytes))
    return .taken(WorkerLock(descriptor: descriptor, path: path, last: last))
  }

  /// The pen for the worker's heartbeats. `boot` names the clock that their times refer to.
  package borrowing func pen(boot: String?, at now: WallMoment) -> HeartbeatPen? {
    HeartbeatPen(path: path, locked: descriptor, after: last, boot: boot, at: now)
  }

  /// Tells programs that open the queue which files beside it the worker has open. Only the holder
  /// of the lock may call this.
  static func tell(_ files: SideFiles) {
    let descriptor = open(files.queue + suffix, O_WRONLY | waryOpening)
    if descriptor < 0 { return }
    defer { close(descriptor) }
    if isOrdinary(descriptor) { write("files \(files.text)\n", to: descriptor) }
  }

  /// The files that the worker has announced; nil if there are none or no worker runs.
  static func filesOfWorker(queue: String) -> String? {
    let descriptor = open(queue + suffix, O_RDONLY | waryOpening)
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    guard let held = RangeLock.apply(RangeLock.find, of: descriptor), held != F_UNLCK else {
      return nil
    }
    let line = lines(descriptor).dropFirst().first
    return line.flatMap { $0.hasPrefix("files ") ? String($0.dropFirst(6)) : nil }
  }

  private static func write(_ more: String, to descriptor: Int32) {
    // In one write, so that others never find the head empty.
    var bytes = Array("process \(getpid())\n\(more)".utf8.prefix(headBytes - 1))
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: headBytes - 1 - bytes.count) + [0x0A]
    _ = pwrite(descriptor, bytes, bytes.count, 0)
  }

  static let headBytes = 256

  /// The queue's worker, or nil if there is none. Asking does not take the lock.
  package static func owner(queue: String) -> String? { sight(queue: queue).owner }

  /// Follows no link and does not wait on a pipe: either may have been planted.
  static let waryOpening = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK

  /// False for a file that may have been planted: writing must not change another file, and
  /// changing the owner must not give one away.
  private static func isOrdinary(_ descriptor: Int32) -> Bool {
    var info = stat()
    return fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_nlink == 1
  }

  /// A file that root creates goes to the queue's owner, who otherwise could not run a worker any
  /// more. A new file gets the intended mode, whatever the umask.
  private static func makeUsable(_ descriptor: Int32, of queue: String) {
    var info = stat()
    if fstat(descriptor, &info) == 0 && info.st_size == 0 {
      fchmod(descriptor, QueueGroup.mode(besides: queue))
    }
    if geteuid() == 0 && stat(queue, &info) == 0 { fchown(descriptor, info.st_uid, info.st_gid) }
  }

  private init(descriptor: Int32, path: String, last: Heartbeat?) {
    self.descriptor = descriptor
    self.path = path
    self.last = last
  }

  deinit { close(descriptor) }

  static func read(_ descriptor: Int32) -> String {
    lines(descriptor).first.map(String.init) ?? "another process"
  }

  private static func lines(_ descriptor: Int32) -> [Substring] {
    String(decoding: bytes(of: descriptor, at: 0, atMost: 200), as: UTF8.self)
      .split(separator: "\n")
  }

  /// A part of the lock file; less at its end, nothing if it cannot be read.
  static func bytes(of descriptor: Int32, at place: Int, atMost limit: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = pread(descriptor, &bytes, limit, off_t(place))
    return Array(bytes.prefix(max(count, 0)))
  }
}
