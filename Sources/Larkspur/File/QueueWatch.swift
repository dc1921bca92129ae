import Glibc

/// Notices that somebody has written to a queue. Every commit is a write to the write-ahead log, so
/// the kernel tells within a fraction of a millisecond, and waiting costs nothing.
///
/// The notice comes a moment before the commit can be seen: pages are written first, then the disk is
/// waited for, and the last step, in shared memory, makes no noise. So whoever has been told looks
/// again, in the first millisecond or two as often as it likes, then after 2, 4, 8 … ms: never later
/// than twice the time the commit took, and at the cost of some looks for each. A program that closes the queue after its commit is noticed exactly then.
package struct QueueWatch: ~Copyable {
  /// Becomes readable when the log has been written to, by this process or by another.
  package let descriptor: Int32
  /// When something was last noticed; whatever was written until then may still become visible.
  private var noticed_ms: Int
  /// The last that was noticed is a program that closed the queue: what it has written can be seen.
  package private(set) var wasClosed = false

  /// The log exists for as long as any connection is open, so open one first. `now_ms` is read from any clock
  /// that goes on steadily, and always from the same one.
  package init(queue: String, at now_ms: Int) throws(QueueError) {
    noticed_ms = now_ms
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    let log = SideFiles.log(of: QueueFile.realPath(queue))
    // These tell that a file was moved away or removed.
    let leaving = [IN_ATTRIB, IN_MOVE_SELF, IN_DELETE_SELF].reduce(0) { $0 | UInt32($1) }
    let events = leaving | UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE)
    guard descriptor >= 0, inotify_add_watch(descriptor, log, events) >= 0 else {
      let why = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw QueueError(
        .cannotUse, "changes of \(log) cannot be watched: \(why). See fs.inotify in `sysctl -a`.")
    }
    // Writing to the log's index makes no noise. Without this watch its loss is noticed with the next
    // commit.
    inotify_add_watch(descriptor, SideFiles.index(of: QueueFile.realPath(queue)), leaving)
  }

  deinit { close(descriptor) }

  /// How long to wait for the next notice before looking again without one.
  package func patience_ms(at now_ms: Int) -> Int { max(1, now_ms - noticed_ms) }

  /// Takes what has been noticed so far. True when there was anything.
  @discardableResult
  package mutating func take(at now_ms: Int) -> Bool {
    var events = [UInt8](repeating: 0, count: 4_096)
    var any = false
    while true {
      let count = read(descriptor, &events, events.count)
      if count < Self.eventSize { break }
      any = true
      wasClosed = Self.isClosing(events[(count - Self.eventSize)..<count])
    }
    if any { noticed_ms = now_ms }
    return any
  }

  /// Those of a file carry no name.
  private static let eventSize = MemoryLayout<inotify_event>.size

  private static func isClosing(_ event: ArraySlice<UInt8>) -> Bool {
    let mask = event.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
    return mask & UInt32(IN_CLOSE_WRITE) != 0
  }
}
