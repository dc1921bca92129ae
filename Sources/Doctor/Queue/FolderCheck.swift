import Basics
import Glibc
import Larkspur

/// Whether the queue's owner can create the files beside it, and nobody else can replace them.
enum FolderCheck {
  /// `path` is that of the queue, without links.
  static func finding(of path: String, isReadOnly: Bool) -> Finding {
    let folder = parentFolder(of: path)
    guard let queue = FileFacts(path), let facts = FileFacts(folder) else {
      return .fine(.folder, folder)
    }
    if isReadOnly {
      return .wrong(
        .folder, "\(folder) is on a file system that is mounted read-only",
        fix: "mount it for writing: mount -o remount,rw \(folder)")
    }
    let owner = Names.ofUser(queue.owner)
    if facts.isClosed(to: queue.owner) {
      return .wrong(
        .folder,
        "\(owner), who owns the queue, cannot create files in \(folder) (mode \(facts.modeText)), "
          + "and SQLite needs two beside it",
        fix: opening(facts, for: queue, path))
    }
    // In a sticky folder such as /tmp, files of others cannot be replaced.
    if facts.mode & 0o1002 == 0o002 {
      return .warn(
        .folder, "any user can replace files in \(folder) (mode \(facts.modeText))",
        fix: "chmod o-w \(folder)")
    }
    return .fine(.folder, "\(owner) can create files in \(folder)")
  }

  /// Changes as little as possible, and takes nothing from a group that shares the queue.
  private static func opening(_ folder: FileFacts, for queue: FileFacts, _ path: String) -> String {
    if queue.mode == 0o660 {
      return "larkspur init --group \(Names.word(ofGroup: queue.group)) --db \(path)"
    }
    return folder.owner == queue.owner
      ? "chmod u+w \(parentFolder(of: path))"
      : "chown \(Names.word(ofUser: queue.owner)) \(parentFolder(of: path))"
  }
}
