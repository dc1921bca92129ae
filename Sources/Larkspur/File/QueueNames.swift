import Basics
import CLinux

/// One file under two names acts as two queues. SQLite keeps a separate write-ahead log and locks
/// for each name, so what is asked under one is not seen under the other.
package enum QueueNames {
  /// A file that is mounted by itself, for example with
  /// `docker run -v /srv/queue.db:/data/queue.db`, has a second name that the kernel does not count
  /// as a link.
  static func refuseMountPoint(_ path: String) throws(QueueError) {
    guard larkspur_is_mount_point(path) != 0 else { return }
    throw QueueError(
      .cannotUse,
      "cannot use queue \(path): the file itself is a mount point, and its write-ahead log and "
        + "locks are beside the original; mount the folder, not the file")
  }

  /// The message if the name is a link to a file that does not exist; nil otherwise.
  package static func leadsNowhere(_ path: String) -> String? {
    guard let target = linkTarget(path), FileStatus(path) == nil else { return nil }
    return
      "queue \(path) is a link to \(target), which does not exist; put the queue back there, "
      + "with its -wal file if there is one, or remove the link"
  }

  /// The message if a moved queue has left its log here; nil otherwise.
  package static func logWithoutQueue(_ path: String) -> String? {
    guard FileStatus(path) == nil, let log = FileStatus(QueueFile.realPath(path) + "-wal"),
      log.size > 0
    else { return nil }
    return
      "there is no queue at \(path), but \(path)-wal still holds what was written to one; move that "
      + "file to where the queue is now, as QUEUE-wal, or remove it if it is not needed"
  }

  /// For callers that cannot show a warning or must not continue.
  package static func refuseSecondName(_ path: String) throws(QueueError) {
    guard let names = count(path) else { return }
    throw QueueError(
      .cannotUse,
      "cannot use queue \(path): it has \(names) names, each with a write-ahead log and locks "
        + "of its own; \(advice(path))")
  }

  /// A warning if the file has another name as well. Throws if a worker is known to have it open
  /// under that name, because it would never see what is written here. Must be called before the
  /// process opens the queue.
  package static func warning(_ path: String) throws(QueueError) -> String? {
    guard let names = count(path) else { return nil }
    guard DatabaseHold.isWorked(path), WorkerLock.owner(queue: path) == nil else {
      return
        "queue \(path) has \(names) names, and what is written under one is not seen under "
        + "another; \(advice(path))"
    }
    throw QueueError(
      .cannotUse,
      "cannot use queue \(path): a worker has the same file open under another name and would not "
        + "see what is written under this one; \(advice(path))")
  }

  /// How many names there are; nil if this is the only one.
  private static func count(_ path: String) -> Int? {
    FileStatus(path).flatMap { $0.names > 1 ? $0.names : nil }
  }

  private static func advice(_ path: String) -> String {
    let real = QueueFile.realPath(path)
    return "list them and remove all but one: find \(fileSystem(of: real)) -xdev -samefile \(real)"
  }

  /// The highest folder on the same file system: hard links reach no further.
  private static func fileSystem(of path: String) -> String {
    let device = FileStatus(path)?.device
    var folder = path
    while folder != "/" {
      let parent = parentFolder(of: folder)
      guard FileStatus(parent)?.device == device else { return folder }
      folder = parent
    }
    return folder
  }
}
