import Glibc

/// Notices that somebody has written to a queue. Every commit is a write to the write-ahead log, so
/// the kernel tells within a fraction of a millisecond, and waiting costs nothing.
package struct QueueWatch: ~Copyable {
  /// Becomes readable when the log has been written to, by this process or by another.
  package let descriptor: Int32

  /// The log exists for as long as any connection is open, so open one first.
  package init(queue: String) throws(QueueError) {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    let log = queue + "-wal"
    guard descriptor >= 0, inotify_add_watch(descriptor, log, UInt32(IN_MODIFY)) >= 0 else {
      let why = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw QueueError(
        .cannotUse, "changes of \(log) cannot be watched: \(why). See fs.inotify in `sysctl -a`.")
    }
  }

  deinit { close(descriptor) }

  /// Forgets what has been noticed so far.
  package borrowing func drain() {
    var events = [UInt8](repeating: 0, count: 4_096)
    while read(descriptor, &events, events.count) > 0 {}
  }

  /// Waits until something was written, or the time is up.
  package borrowing func wait(milliseconds: Int) {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    Glibc.poll(&poll, 1, Int32(clamping: milliseconds))
    drain()
  }
}
