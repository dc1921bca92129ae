import Glibc

/// The kernel's notices of changes to files (inotify).
package enum FileNotices {
  /// Watches a file, or the files in a folder, for `events` (`IN_…`). The descriptor becomes
  /// readable when there is a notice. Nil if the file cannot be watched; `errno` says why.
  package static func watch(_ path: String, for events: UInt32) -> Int32? {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    if descriptor < 0 { return nil }
    if inotify_add_watch(descriptor, path, events) >= 0 { return descriptor }
    // The number of descriptors is limited, and other watches need them.
    let code = errno
    close(descriptor)
    errno = code
    return nil
  }

  /// Takes all notices so far, the oldest first. `name` is that of a file in a watched folder, and
  /// empty for a watched file.
  package static func take(
    from descriptor: Int32, _ body: (_ events: UInt32, _ name: String) -> Void
  ) {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(descriptor, &bytes, bytes.count)
      if count <= 0 { return }
      var rest = bytes[..<count]
      while rest.count >= headSize {
        let length = Int(word(of: rest, at: headSize - 4))
        let name = rest.dropFirst(headSize).prefix(length).prefix { $0 != 0 }
        body(word(of: rest, at: 4), String(decoding: name, as: UTF8.self))
        rest = rest.dropFirst(headSize + length)
      }
    }
  }

  /// What comes before the name: the watch, the events, a cookie and the length of the name.
  private static let headSize = MemoryLayout<inotify_event>.size

  private static func word(of notice: ArraySlice<UInt8>, at place: Int) -> UInt32 {
    notice.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
  }
}
