import Basics
import Glibc

/// A queue that a group shares, so that a web server enqueues and a worker delivers as two users. Its folder is
/// 2770 and its files are 0660: SQLite gives the files beside a queue the queue's mode, and in such a folder every
/// new file belongs to the group.
package enum QueueGroup {
  static let folderMode: mode_t = 0o2770
  static let fileMode: mode_t = 0o660

  /// Makes the queue's folder, unless it exists, and an empty queue, unless there is one, and gives them
  /// to the group.
  package static func share(_ path: String, with name: String) throws(QueueError) {
    guard let group = Names.group(name) else {
      throw QueueError(
        .cannotCreate, "there is no group '\(name)'; create it: groupadd --system \(name)")
    }
    let folder = parentFolder(of: QueueFile.realPath(path))
    if mkdir(folder, 0o700) != 0 {
      if errno != EEXIST { throw failure("create folder \(folder)") }
      try expectItsOwn(folder, of: QueueFile.realPath(path), group)
    }
    // The files come first: somebody who may not change them must not lose the folder.
    try QueueFile.check(path, creating: true)
    let queue = QueueFile.realPath(path)
    for file in files(of: queue) { try give(file, to: group, name, fileMode, O_RDONLY) }
    try give(folder, to: group, name, folderMode, O_RDONLY | O_DIRECTORY)
  }

  private static func files(of queue: String) -> [String] {
    [queue, queue + "-wal", queue + "-shm", WorkerLock.path(of: queue)].filter {
      access($0, F_OK) == 0
    }
  }

  /// The mode of a file that is made beside a queue.
  static func mode(besides queue: String) -> mode_t {
    var info = stat()
    guard stat(queue, &info) == 0, info.st_mode & 0o777 == fileMode else { return 0o600 }
    return fileMode
  }

  /// The mode of a queue that was just made. A group's folder makes it the group's, also when a member enqueues
  /// before the worker has ever run.
  static func mode(ofNew file: Int32, at path: String) -> mode_t {
    var (made, folder) = (stat(), stat())
    guard fstat(file, &made) == 0, stat(parentFolder(of: path), &folder) == 0,
      folder.st_mode & 0o7777 == folderMode, folder.st_gid == made.st_gid
    else { return 0o600 }
    return fileMode
  }

  /// Giving away a folder such as /tmp, or one's home, would be a mistake.
  private static func expectItsOwn(
    _ folder: String, of queue: String, _ group: gid_t
  ) throws(QueueError) {
    var info = stat()
    guard stat(folder, &info) == 0 else { throw failure("look at folder \(folder)") }
    if info.st_gid == group && info.st_mode & 0o7777 == folderMode { return }
    let ours = Set(
      files(of: queue).map { String($0.dropFirst(folder.utf8.count).drop { $0 == "/" }) })
    guard let entries = entries(of: folder) else { throw failure("list folder \(folder)") }
    if let other = entries.first(where: { !ours.contains($0) }) {
      throw QueueError(
        .cannotCreate,
        "folder \(folder) also holds \(other), and the group would get all of it; give the queue a "
          + "folder of its own with --db")
    }
  }

  private static func entries(of folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Through a descriptor, so that a link planted at the name leads nowhere.
  private static func give(
    _ file: String, to group: gid_t, _ name: String, _ mode: mode_t, _ flags: Int32
  ) throws(QueueError) {
    let descriptor = open(file, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("open \(file)") }
    defer { close(descriptor) }
    var info = stat()
    if fstat(descriptor, &info) == 0, info.st_gid == group, info.st_mode & 0o7777 == mode { return }
    guard fchown(descriptor, uid_t.max, group) == 0, fchmod(descriptor, mode) == 0 else {
      throw QueueError(
        .cannotCreate,
        "cannot give \(file) to group '\(name)': \(systemMessage()); run this as root, or as its owner "
          + "who is a member of the group")
    }
  }

  private static func failure(_ what: String) -> QueueError {
    QueueError(.cannotCreate, "cannot \(what): \(systemMessage()); check the folders above it")
  }
}
