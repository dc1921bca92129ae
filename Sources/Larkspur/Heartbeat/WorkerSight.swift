import Glibc
import Planning

/// What can be seen of a queue's worker from outside.
package enum WorkerSight: Hashable, Sendable {
  /// No worker runs. `last` is the heartbeat that the previous worker left, if any.
  case nobody(last: Heartbeat?)
  /// A worker runs. The heartbeat is nil before the first one, for a worker of an older version,
  /// and if something else is in its place.
  case worker(owner: String, Heartbeat?)
  /// The lock file cannot be read, with this error code of the operating system.
  case hidden(Int32)

  /// The queue's worker, as far as it can be seen; nil if there is none.
  package var owner: String? {
    switch self {
    case .nobody: nil
    case .worker(let owner, _): owner
    case .hidden(let code): code == EACCES ? "possibly a process of another user" : nil
    }
  }

  /// The heartbeat that the worker wrote last. It may have ended since.
  package var heartbeat: Heartbeat? {
    switch self {
    case .nobody(let last): last
    case .worker(_, let heartbeat): heartbeat
    case .hidden: nil
    }
  }
}

extension WorkerLock {
  /// Looks for the queue's worker and reads its heartbeat. Does not take the lock.
  package static func sight(queue: String) -> WorkerSight {
    let descriptor = open(path(of: queue), O_RDONLY | waryOpening)
    guard descriptor >= 0 else { return errno == ENOENT ? .nobody(last: nil) : .hidden(errno) }
    defer { close(descriptor) }
    guard let held = RangeLock.apply(RangeLock.find, of: descriptor) else { return .hidden(errno) }
    if held == F_UNLCK { return .nobody(last: heartbeat(descriptor)) }
    let owner = read(descriptor)
    // The heartbeat may be half written, so it is read up to three times. One with another pid was
    // left by an earlier worker: the worker that runs now writes none.
    for _ in 0..<3 {
      guard let found = heartbeat(descriptor) else { continue }
      return .worker(owner: owner, owner == "process \(found.pid)" ? found : nil)
    }
    return .worker(owner: owner, nil)
  }

  static func heartbeat(_ descriptor: Int32) -> Heartbeat? {
    HeartbeatText.read(bytes(of: descriptor, at: headBytes, atMost: HeartbeatText.bytesMost))
  }
}
