import Basics
import Glibc

/// Notices that a file was written or replaced. Editors replace a file by renaming another one to
/// its name, so the folder is watched.
struct FileWatch: ~Copyable {
  enum News { case none, ofFolder, ofFile }

  /// Becomes readable when there is news; nil if the folder cannot be watched.
  let descriptor: Int32?
  private let name: String

  /// Without a folder, or when the system has no more watches, there is never any news.
  init(_ path: String?) {
    let parts = (path ?? "").split(separator: "/", omittingEmptySubsequences: false)
    name = parts.last.map(String.init) ?? ""
    // A file is of interest once it has been written completely.
    let events = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
    descriptor = path.flatMap { FileNotices.watch(parentFolder(of: $0), for: events) }
  }

  deinit { if let descriptor { close(descriptor) } }

  /// What has happened since the last call.
  borrowing func take() -> News {
    guard let descriptor else { return .none }
    var news = News.none
    let name = name
    FileNotices.take(from: descriptor) { _, changed in
      news = changed == name || news == .ofFile ? .ofFile : .ofFolder
    }
    return news
  }
}
