import Glibc

/// The right to be the one worker of a queue: an OS lock on a file beside it, which dies with its
/// owner however that ends. The lock is never on the database itself, whose own locks would be lost
/// by closing any descriptor of it.
package struct WorkerLock: ~Copyable {
  private let descriptor: Int32

  package enum Attempt: ~Copyable {
    case taken(WorkerLock)
    /// Somebody else works this queue: what they wrote about themselves.
    case held(by: String)
  }

  /// Beside the file itself, whatever links lead to it.
  package static func path(of queue: String) -> String { QueueFile.realPath(queue) + ".worker" }

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
    giveToOwner(descriptor, of: queue)
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
    let me = "process \(getpid())\n"
    ftruncate(descriptor, 0)
    _ = me.withCString { pwrite(descriptor, $0, me.utf8.count, 0) }
    return .taken(WorkerLock(descriptor: descriptor))
  }

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
  private static let waryOpening = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK

  /// What is written here must be in no other file, and what is given away must be nobody's: a name
  /// may have been planted.
  private static func isOrdinary(_ descriptor: Int32) -> Bool {
    var info = stat()
    return fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_nlink == 1
  }

  /// What root makes belongs to whom the queue belongs to, or they could not work it any more.
  private static func giveToOwner(_ descriptor: Int32, of queue: String) {
    var info = stat()
    if geteuid() == 0 && stat(queue, &info) == 0 { fchown(descriptor, info.st_uid, info.st_gid) }
  }

  // Locks of an open file description, which neither a fork nor another descriptor of the same file
  // can lose. Linux's fcntl.h hides their names from Swift.
  private static let getLock: Int32 = 36  // F_OFD_GETLK
  private static let setLock: Int32 = 37  // F_OFD_SETLK

  /// The kind of lock that was found or set, or nil when it was refused.
  private static func lock(_ descriptor: Int32, _ command: Int32) -> Int32? {
    var whole = flock()
    whole.l_type = Int16(F_WRLCK)
    whole.l_whence = Int16(SEEK_SET)
    return fcntl(descriptor, command, &whole) == 0 ? Int32(whole.l_type) : nil
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  private static func read(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let line = bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }
    return line.isEmpty ? "another process" : String(decoding: line, as: UTF8.self)
  }
}
