import Glibc
import Planning

/// The right to be the one worker of a queue: an OS lock on a file beside it, which dies with its
/// owner however that ends. The lock is never on the database itself, whose own locks would be lost
/// by closing any descriptor of it.
///
/// The file begins with `headBytes` that say who has the lock and with which files. The worker's heartbeat
/// follows.
package struct WorkerLock: ~Copyable {
  private let descriptor: Int32
  private let path: String
  /// What the worker before this one has left.
  private let last: Heartbeat?

  package enum Attempt: ~Copyable {
    case taken(WorkerLock)
    /// Somebody else works this queue: what they wrote about themselves.
    case held(by: String)
  }

  /// Beside the file itself, whatever links lead to it.
  package static func path(of queue: String) -> String { QueueFile.realPath(queue) + suffix }

  private static let suffix = ".worker"

  package static func take(queue: String) throws(QueueError) -> Attempt {
    let path = path(of: queue)
    let descriptor = open(path, O_RDWR | O_CREAT | waryOpening, 0o600)
    guard descriptor >= 0 else {
      let why = errno == ELOOP ? "it is a link" : String(cString: strerror(errno))
      throw QueueError(
        .cannotUse, "the lock file \(path) cannot be opened: \(why). See who owns it: ls -l \(path)"
      )
    }
    guard isOrdinary(descriptor) else {
      close(descriptor)
      throw QueueError(
        .cannotUse,
        "the lock file \(path) is not a plain file with this one name. Look at it (ls -l \(path)), "
          + "and remove that name.")
    }
    makeUsable(descriptor, of: queue)
    guard lock(descriptor, setLock) != nil else {
      if errno != EAGAIN && errno != EACCES {
        let why = String(cString: strerror(errno))
        close(descriptor)
        throw QueueError(.cannotUse, "the lock file \(path) cannot be locked: \(why).")
      }
      let owner = read(descriptor)
      close(descriptor)
      return .held(by: owner)
    }
    let last = heartbeat(descriptor)
    write("", to: descriptor)
    // What somebody else has said does not hold any more.
    ftruncate(descriptor, off_t(headBytes))
    return .taken(WorkerLock(descriptor: descriptor, path: path, last: last))
  }

  /// With what the worker says how it is doing. `boot` names the clock that its looks are measured on.
  package borrowing func pen(boot: String?, at now: WallMoment) -> HeartbeatPen? {
    HeartbeatPen(path: path, locked: descriptor, after: last, boot: boot, at: now)
  }

  /// Tells programs that open the queue which files beside it the worker has open. Only for the one that has
  /// the lock.
  static func tell(_ files: SideFiles) {
    let descriptor = open(files.queue + suffix, O_WRONLY | waryOpening)
    if descriptor < 0 { return }
    defer { close(descriptor) }
    if isOrdinary(descriptor) { write("files \(files.text)\n", to: descriptor) }
  }

  /// What the worker has told; nil when nobody works the queue.
  static func filesOfWorker(queue: String) -> String? {
    let descriptor = open(queue + suffix, O_RDONLY | waryOpening)
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    guard let held = lock(descriptor, getLock), held != F_UNLCK else { return nil }
    let line = lines(descriptor).dropFirst().first
    return line.flatMap { $0.hasPrefix("files ") ? String($0.dropFirst(6)) : nil }
  }

  private static func write(_ more: String, to descriptor: Int32) {
    // In one piece, or others would find nothing for a moment.
    var bytes = Array("process \(getpid())\n\(more)".utf8.prefix(headBytes - 1))
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: headBytes - 1 - bytes.count) + [0x0A]
    _ = pwrite(descriptor, bytes, bytes.count, 0)
  }

  static let headBytes = 256

  /// Who works the queue now, or nil when nobody does. Asking takes nothing from anybody.
  package static func owner(queue: String) -> String? {
    let descriptor = open(path(of: queue), O_RDONLY | waryOpening)
    guard descriptor >= 0 else {
      return errno == EACCES ? "a process of another user, perhaps" : nil
    }
    defer { close(descriptor) }
    guard let held = lock(descriptor, getLock), held != F_UNLCK else { return nil }
    return read(descriptor)
  }

  /// Neither through a link nor waiting at a pipe, which somebody may have planted.
  static let waryOpening = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK

  /// What is written here must be in no other file, and what is given away must be nobody's: a name
  /// may have been planted.
  private static func isOrdinary(_ descriptor: Int32) -> Bool {
    var info = stat()
    return fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_nlink == 1
  }

  /// What root makes belongs to whom the queue belongs to, or they could not work it any more. A new
  /// file has the mode that is meant, whatever the umask.
  private static func makeUsable(_ descriptor: Int32, of queue: String) {
    var info = stat()
    if fstat(descriptor, &info) == 0 && info.st_size == 0 { fchmod(descriptor, 0o600) }
    if geteuid() == 0 && stat(queue, &info) == 0 { fchown(descriptor, info.st_uid, info.st_gid) }
  }

  // Locks of an open file description, which neither a fork nor another descriptor of the same file
  // can lose. Linux's fcntl.h hides their names from Swift.
  static let getLock: Int32 = 36  // F_OFD_GETLK
  private static let setLock: Int32 = 37  // F_OFD_SETLK

  /// The kind of lock that was found or set, or nil when it was refused.
  static func lock(_ descriptor: Int32, _ command: Int32) -> Int32? {
    var whole = flock()
    whole.l_type = Int16(F_WRLCK)
    whole.l_whence = Int16(SEEK_SET)
    return fcntl(descriptor, command, &whole) == 0 ? Int32(whole.l_type) : nil
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
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).split(separator: "\n")
  }
}
