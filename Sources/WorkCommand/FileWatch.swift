import Glibc

/// Tells when a file has been written or replaced. Whoever replaces it gives another file its name, so it is
/// the folder that is watched.
struct FileWatch: ~Copyable {
  enum News { case none, ofFolder, ofFile }

  /// Becomes readable when there is news; nil where there will be none.
  let descriptor: Int32?
  private let name: String

  /// Without a folder, or where the system has no more watches to give, there is never any news.
  init(_ path: String?) {
    let parts = (path ?? "").split(separator: "/", omittingEmptySubsequences: false)
    name = parts.last.map(String.init) ?? ""
    let folder = parts.count < 2 ? "." : parts.dropLast().joined(separator: "/") + "/"
    descriptor = path == nil ? nil : Self.watch(folder)
  }

  deinit { if let descriptor { close(descriptor) } }

  private static func watch(_ folder: String) -> Int32? {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    if descriptor < 0 { return nil }
    // A file that is being written is of no interest before that has come to its end.
    let events = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
    if inotify_add_watch(descriptor, folder, events) >= 0 { return descriptor }
    // The system has few of them to give, and the queue needs one.
    close(descriptor)
    return nil
  }

  /// What has happened since it was last asked.
  borrowing func take() -> News {
    var news = News.none
    guard let descriptor else { return news }
    var events = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(descriptor, &events, events.count)
      if count <= 0 { return news }
      let isOfFile = Self.names(in: events[..<count]).contains(name)
      news = isOfFile || news == .ofFile ? .ofFile : .ofFolder
    }
  }

  private static func names(in events: ArraySlice<UInt8>) -> [String] {
    var names: [String] = []
    var rest = events
    while rest.count >= head {
      let length = rest.withUnsafeBytes {
        Int($0.loadUnaligned(fromByteOffset: head - 4, as: UInt32.self))
      }
      let name = rest.dropFirst(head).prefix(length)
      names.append(String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
      rest = rest.dropFirst(head + length)
    }
    return names
  }

  /// Before the name, whose length is its last field.
  private static let head = MemoryLayout<inotify_event>.size
}
