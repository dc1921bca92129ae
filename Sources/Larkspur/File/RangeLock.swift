import Glibc

/// A lock on a range of a file's bytes, as `fcntl` takes it.
enum RangeLock {
  // Locks of an open file description, which survive a fork and the closing of another descriptor
  // of the same file. Linux's fcntl.h hides their names from Swift.
  static let find: Int32 = 36  // F_OFD_GETLK
  static let take: Int32 = 37  // F_OFD_SETLK

  /// The kind of lock that was found or set, or nil when it was refused. An empty range is the
  /// whole file.
  static func apply(
    _ command: Int32, _ kind: Int32 = F_WRLCK, on bytes: Range<Int> = 0..<0, of descriptor: Int32
  ) -> Int32? {
    var lock = flock()
    lock.l_type = Int16(kind)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = bytes.lowerBound
    lock.l_len = bytes.count
    return fcntl(descriptor, command, &lock) == 0 ? Int32(lock.l_type) : nil
  }
}
