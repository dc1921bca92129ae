import Basics
import Glibc

/// Notices that a queue was written to. Every commit writes to the write-ahead log, so the kernel
/// reports it within a fraction of a millisecond, and waiting costs nothing.
///
/// The notice comes a moment before the commit is visible: SQLite writes pages first, then waits
/// for the disk, and the last step, in shared memory, causes no notice. So after a notice, look
/// again: as often as you like in the first millisecond or two, then after 2, 4, 8 … ms. This finds
/// the commit within twice the time that it took, at the cost of a few looks. That is not needed if
/// the log shows that nobody is in the middle of a commit. A program that closes the queue after its
/// commit is noticed exactly when the commit is visible.
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
    let log = SideFiles.log(of: QueueFile.realPath(queue))
    // These events report that a file was moved or removed.
    let leaving = [IN_ATTRIB, IN_MOVE_SELF, IN_DELETE_SELF].reduce(0) { $0 | UInt32($1) }
    let events = leaving | UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE)
    guard let descriptor = FileNotices.watch(log, for: events) else {
      let why = systemMessage()
      throw QueueError(
        .cannotUse, "cannot watch \(log) for changes: \(why); see 'sysctl fs.inotify'")
    }
    self.descriptor = descriptor
    noticed_ms = now_ms
    // Writes to the log's index cause no events. Without this watch the loss of the index is
    // noticed only at the next commit.
    inotify_add_watch(descriptor, SideFiles.index(of: QueueFile.realPath(queue)), leaving)
  }

  deinit { close(descriptor) }

  /// How long to wait for the next notice before looking again without one.
  package func patience_ms(at now_ms: Int) -> Int { max(1, now_ms - noticed_ms) }

  /// Whatever has been noticed is visible. Must be checked after the notices were taken and before
  /// the queue is looked at: what becomes visible in between is then seen.
  package mutating func expectNothing() { noticed_ms = .min / 2 }

  /// Reads all notices so far. True if there were any.
  @discardableResult
  package mutating func take(at now_ms: Int) -> Bool {
    var last: UInt32?
    FileNotices.take(from: descriptor) { events, _ in last = events }
    guard let last else { return false }
    wasClosed = last & UInt32(IN_CLOSE_WRITE) != 0
    noticed_ms = now_ms
    return true
  }
}
