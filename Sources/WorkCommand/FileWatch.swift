import Basics
import Glibc

/// Notices that a file was written, replaced or made readable. Editors replace a file by renaming
/// another one to its name, so the folder is watched. If the path is a link, so is the folder of the
/// file it leads to.
struct FileWatch: ~Copyable {
  enum News { case none, ofFolder, ofFile }

  /// Becomes readable when there is news; nil if the folder cannot be watched.
  let descriptor: Int32?
  private let path: String?
  private let name: String

  /// Without a folder, or when the system has no more watches, there is never any news.
  init(_ path: String?) {
    let parts = (path ?? "").split(separator: "/", omittingEmptySubsequences: false)
    name = parts.last.map(String.init) ?? ""
    self.path = path
    descriptor = path.flatMap { FileNotices.watch(parentFolder(of: $0), for: Self.events) }
    followPath()
  }

  /// A file is complete after these.
  private static let completing = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
  /// A file may have become readable after IN_ATTRIB, but it may also be half written.
  private static let events = completing | UInt32(IN_ATTRIB)

  /// Watches the folders that the path leads to now. A link or a folder may have been replaced.
  borrowing func followPath() {
    guard let descriptor, let path else { return }
    for file in [path, resolvedPath(path) ?? path] {
      inotify_add_watch(descriptor, parentFolder(of: file), Self.events)
    }
  }

  deinit { if let descriptor { close(descriptor) } }

  /// What has happened since the last call.
  borrowing func take() -> News {
    guard let descriptor else { return .none }
    var news = News.none
    let name = name
    FileNotices.take(from: descriptor) { events, changed in
      if events & Self.completing == 0 { return }
      news = changed == name || news == .ofFile ? .ofFile : .ofFolder
    }
    return news
  }
}
