import Glibc
import Planning

/// What can be seen of a queue's worker from outside.
package enum WorkerSight: Hashable, Sendable {
  /// Nobody works the queue. What the last one has left, if it has.
  case nobody(last: Heartbeat?)
  /// Somebody does. The heartbeat is nil before the first one, of a worker of an older version, and when
  /// something else is in its place.
  case worker(owner: String, Heartbeat?)
  /// The lock file cannot be read, by this code of the operating system.
  case hidden(Int32)

  /// Who works the queue, as far as that can be seen; nil when nobody does.
  package var owner: String? {
    switch self {
    case .nobody: nil
    case .worker(let owner, _): owner
    case .hidden(let code): code == EACCES ? "a process of another user, perhaps" : nil
    }
  }
}

extension WorkerLock {
  /// Looks who works the queue, and how. Takes nothing from anybody.
  package static func sight(queue: String) -> WorkerSight {
    let descriptor = open(path(of: queue), O_RDONLY | waryOpening)
    guard descriptor >= 0 else { return errno == ENOENT ? .nobody(last: nil) : .hidden(errno) }
    defer { close(descriptor) }
    guard let held = lock(descriptor, getLock) else { return .hidden(errno) }
    if held == F_UNLCK { return .nobody(last: heartbeat(descriptor)) }
    let owner = read(descriptor)
    // It may be written this moment. Another worker may have left it, in a version that knows of none.
    for _ in 0..<3 {
      guard let found = heartbeat(descriptor) else { continue }
      return .worker(owner: owner, owner == "process \(found.pid)" ? found : nil)
    }
    return .worker(owner: owner, nil)
  }

  static func heartbeat(_ descriptor: Int32) -> Heartbeat? {
    var bytes = [UInt8](repeating: 0, count: HeartbeatText.bytesMost)
    let count = pread(descriptor, &bytes, bytes.count, off_t(headBytes))
    return HeartbeatText.read(Array(bytes.prefix(max(count, 0))))
  }
}
