import CLinux
import Glibc

/// Several descriptors that are waited for as one. That of a session changes when the session breaks.
final class WatchedDescriptors {
  /// Readable when one of them is.
  let descriptor = larkspur_gathering()
  private var current: Int32?

  deinit { close(descriptor) }

  func add(_ other: Int32) { larkspur_gather(descriptor, other) }

  /// A descriptor that was closed has left by itself, and the next one may have its number.
  func replace(_ other: Int32?) {
    if let current, current != other { larkspur_leave_out(descriptor, current) }
    if let other { add(other) }
    current = other
  }
}
