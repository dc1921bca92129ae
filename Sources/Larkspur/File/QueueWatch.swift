import Basics
import Glibc

/// Notices that a queue was written to. Every commit writes to the write-ahead log, so the kernel
/// reports it within a fraction of a millisecond, and waiting costs nothing.
///
/// The notice comes a moment before the commit is visible: SQLite writes pages first, then waits
/// for the disk, and the last step, in shared memory, causes no notice. So after a notice, look
/// again: as often as you like in the first millisecond or two, then after 2, 4, 8 … ms. This finds
/// the commit within twice the time that it took, at the cost of a few looks. A program that closes
/// the queue after its commit is noticed exactly when the commit is visible.
package struct QueueWatch: ~Copyable {
  /// Becomes readable when the log has been written to, by this process or by another.
  package let descriptor: Int32
  /// When something was last noticed. What was written before may still become visible.
  private var noticed_ms: Int
  /// The last notice was of a program that closed the queue: what it wrote is visible.
  package private(set) var wasClosed = false

  /// The log exists only while a connection is open, so open one first. `now_ms` may come from any
  /// steady clock, but always from the same one.
  package init(queue: String, at now_ms: Int) throws(QueueError) {
    noticed_ms = now_ms
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    let log = SideFiles.log(of: QueueFile.realPath(queue))
    // These events report that a file was moved or removed.
    let leaving = [IN_ATTRIB, IN_MOVE_SELF, IN_DELETE_SELF].reduce(0) { $0 | UInt32($1) }
    let events = leaving | UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE)
    guard descriptor >= 0, inotify_add_watch(descriptor, log, events) >= 0 else {
      let why = systemMessage()
      if descriptor >= 0 { close(descriptor) }
      throw QueueError(
        .cannotUse, "changes of \(log) cannot be watched: \(why). See fs.inotify in `sysctl -a`.")
    }
    // Writes to the log's index cause no events. Without this watch the loss of the index is
    // noticed only at the next commit.
    inotify_add_watch(descriptor, SideFiles.index(of: QueueFile.realPath(queue)), leaving)
  }

  deinit { close(descriptor) }

  /// How long to wait for the next notice before looking again without one.
  package func patience_ms(at now_ms: Int) -> Int { max(1, now_ms - noticed_ms) }

  /// Reads all notices so far. True if there were any.
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

  /// Events of a watched file carry no name, so all have this size.
  private static let eventSize = MemoryLayout<inotify_event>.size

  private static func isClosing(_ event: ArraySlice<UInt8>) -> Bool {
    let mask = event.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
    return mask & UInt32(IN_CLOSE_WRITE) != 0
  }
}
