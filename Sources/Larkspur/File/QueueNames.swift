import CLinux
import Glibc

/// One file under two names is two queues: SQLite keeps the write-ahead log and the locks of each name
/// apart, so what is asked under one is not seen under the other.
package enum QueueNames {
  /// A single file that is mounted, `docker run -v /srv/queue.db:/data/queue.db` for one, is the file
  /// under another name. The kernel counts no link for it.
  static func refuseMountPoint(_ path: String) throws(QueueError) {
    guard larkspur_is_mount_point(path) != 0 else { return }
    throw QueueError(
      .cannotUse,
      "the queue \(path) cannot be used: the file itself is a mount point, and its write-ahead log and "
        + "locks are beside the original. Mount the folder, not the file.")
  }

  /// A sentence for people when the name is a link and the file that it leads to is not there.
  package static func leadsNowhere(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    guard count > 0, FileStatus(path) == nil else { return nil }
    let target = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return
      "the queue \(path) is a link to \(target), which is not there. Put the queue back "
      + "there, with its -wal file if there is one, or remove the link."
  }

  /// For those who cannot warn, or must not go on.
  static func refuseSecondName(_ path: String) throws(QueueError) {
    guard let names = count(path) else { return }
    throw QueueError(
      .cannotUse,
      "the queue \(path) cannot be used: it has \(names) names, each with a write-ahead log and locks "
        + "of its own. \(advice(path))")
  }

  /// A sentence for people when the file has another name as well. Fails when a worker is known to
  /// have it open under that one: it would never see what is written here. To be called before the
  /// process opens the queue.
  package static func warning(_ path: String) throws(QueueError) -> String? {
    guard let names = count(path) else { return nil }
    guard DatabaseHold.isWorked(path), WorkerLock.owner(queue: path) == nil else {
      return
        "the queue \(path) has \(names) names, and what is asked under one is not seen under the "
        + "other. \(advice(path))"
    }
    throw QueueError(
      .cannotUse,
      "the queue \(path) cannot be used: a worker has the same file open under another name, and "
        + "would never see what is written under this one. \(advice(path))")
  }

  /// How many names there are; nil when there is only this one.
  private static func count(_ path: String) -> Int? {
    FileStatus(path).flatMap { $0.names > 1 ? $0.names : nil }
  }

  private static func advice(_ path: String) -> String {
    let real = QueueFile.realPath(path)
    return "Find them, and remove all but one: find \(fileSystem(of: real)) -xdev -samefile \(real)"
  }

  /// The highest folder on the same file system: links lead no further.
  private static func fileSystem(of path: String) -> String {
    let device = FileStatus(path)?.device
    var folder = path
    while folder != "/" {
      let parent = QueueFile.folder(of: folder)
      guard FileStatus(parent)?.device == device else { return folder }
      folder = parent
    }
    return folder
  }
}
