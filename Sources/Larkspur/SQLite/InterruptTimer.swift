import CSQLite
import Glibc

/// Interrupts a connection's statements when the time is up, from a thread of its own: SQLite before
/// 3.41 calls no progress handler while it checks pages.
final class InterruptTimer {
  private let handle: OpaquePointer
  private let milliseconds: Int32
  /// Closing its second end wakes the thread.
  private var ends: [Int32] = [-1, -1]
  private var thread: pthread_t?

  init(_ handle: OpaquePointer, after milliseconds: Int) {
    self.handle = handle
    self.milliseconds = Int32(clamping: milliseconds)
    guard pipe(&ends) == 0 else { return }
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { address in
        if let address {
          Unmanaged<InterruptTimer>.fromOpaque(address).takeUnretainedValue().wait()
        }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    if code == 0 { self.thread = thread }
  }

  private func wait() {
    var ending = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    if poll(&ending, 1, milliseconds) == 0 { sqlite3_interrupt(handle) }
  }

  /// The thread has ended when this returns. It must be called while the connection is open.
  func stop() {
    if ends[1] >= 0 { close(ends[1]) }
    if let thread { pthread_join(thread, nil) }
    if ends[0] >= 0 { close(ends[0]) }
  }
}
