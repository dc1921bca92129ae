import Glibc

/// Notices that a file was written or replaced. Editors replace a file by renaming another one to its name, so
/// the folder is watched.
struct FileWatch: ~Copyable {
  enum News { case none, ofFolder, ofFile }

  /// Becomes readable when there is news; nil if the folder cannot be watched.
  let descriptor: Int32?
  private let name: String

  /// Without a folder, or when the system has no more watches, there is never any news.
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
    // A file is of interest once it has been written completely.
    let events = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
    if inotify_add_watch(descriptor, folder, events) >= 0 { return descriptor }
    // The number of inotify instances is limited, and watching the queue needs one.
    close(descriptor)
    return nil
  }

  /// What has happened since the last call.
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

  /// The part before the name. Its last field is the name's length.
  private static let head = MemoryLayout<inotify_event>.size
}
