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

  package static func path(of queue: String) -> String { queue + ".worker" }

  package static func take(queue: String) throws(QueueError) -> Attempt {
    let path = path(of: queue)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      let why = errno == ELOOP ? "it is a link" : String(cString: strerror(errno))
      throw QueueError(.cannotUse, "the lock file \(path) cannot be opened: \(why).")
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let owner = read(descriptor)
      close(descriptor)
      return .held(by: owner)
    }
    let me = "process \(getpid())\n"
    ftruncate(descriptor, 0)
    _ = me.withCString { pwrite(descriptor, $0, me.utf8.count, 0) }
    return .taken(WorkerLock(descriptor: descriptor))
  }

  /// Who works the queue now, or nil when nobody does. Asking never takes the lock from anybody:
  /// a shared lock, given back at once, is refused only by a worker's.
  package static func owner(queue: String) -> String? {
    let descriptor = open(path(of: queue), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
    return read(descriptor)
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
