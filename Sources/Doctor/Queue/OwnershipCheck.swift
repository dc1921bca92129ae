import Basics
import Glibc
import Larkspur

/// Who owns the queue's files, and who else may read or write them.
struct OwnershipCheck {
  /// The path of the queue, without links.
  let path: String
  var viewer = Viewer()

  func findings() -> [Finding] {
    guard let queue = FileFacts(path) else { return [] }
    let beside = [path + "-wal", path + "-shm", WorkerLock.path(of: path)]
      .compactMap { file in FileFacts(file).map { (path: file, facts: $0) } }
    return [owner(queue, beside), mode([(path, queue)] + beside)] + lockFile()
  }

  func owner(_ queue: FileFacts, _ beside: [(path: String, facts: FileFacts)]) -> Finding {
    let name = Names.ofUser(queue.owner)
    for file in beside where file.facts.isClosed(to: queue.owner) && file.facts.owner != queue.owner
    {
      let other = Names.ofUser(file.facts.owner)
      return .wrong(
        .owner,
        "\(file.path) belongs to \(other), and \(name), who owns the queue, cannot write it",
        fix: "chown \(name) \(file.path)")
    }
    if !viewer.isRoot && viewer.user != queue.owner && queue.isClosed(to: viewer.user) {
      return .warn(
        .owner,
        "the queue belongs to \(name); \(Names.ofUser(viewer.user)), who runs this, cannot "
          + "write it",
        fix: "run larkspur as \(name): sudo -u \(name) larkspur …")
    }
    return .fine(.owner, "the queue belongs to \(name)")
  }

  private func mode(_ files: [(path: String, facts: FileFacts)]) -> Finding {
    for file in files where file.facts.mode & 0o600 != 0o600 {
      return .wrong(
        .fileMode,
        "the owner of \(file.path) may not read and write it (mode \(file.facts.modeText))",
        fix: "chmod u+rw \(file.path)")
    }
    if let group = sharedWith { return shared(with: group, files) }
    for file in files where file.facts.mode & 0o077 != 0 {
      return .warn(
        .fileMode,
        "other users may read or write \(file.path) (mode \(file.facts.modeText)); it holds preview "
          + "tokens and open_ids",
        fix: "if they should not, chmod 600 \(file.path)")
    }
    return .fine(.fileMode, "only the owner may read and write it")
  }

  /// The group that `larkspur init --group` has given the queue to.
  private var sharedWith: gid_t? {
    guard let queue = FileFacts(path), let folder = FileFacts(parentFolder(of: path)),
      queue.mode == 0o660, folder.mode == 0o2770, queue.group == folder.group
    else { return nil }
    return queue.group
  }

  private func shared(with group: gid_t, _ files: [(path: String, facts: FileFacts)]) -> Finding {
    let name = Names.ofGroup(group)
    for file in files where file.facts.mode != 0o660 || file.facts.group != group {
      return .wrong(
        .fileMode,
        "the queue is shared with group \(name), but \(file.path) is not (group "
          + "\(Names.ofGroup(file.facts.group)), mode \(file.facts.modeText))",
        fix: "larkspur init --group \(name) --db \(path)")
    }
    return .fine(.fileMode, "only the owner and group \(name) may read and write it")
  }

  /// The worker does not use a file that somebody may have planted.
  private func lockFile() -> [Finding] {
    let file = WorkerLock.path(of: path)
    guard let facts = FileFacts(file, followsLink: false) else { return [] }
    if facts.isRegular && facts.names == 1 { return [] }
    let what =
      facts.isLink ? "is a link" : facts.isRegular ? "has other names" : "is not a regular file"
    return [
      .wrong(
        .lockFile, "the worker's lock file \(file) \(what), so no worker starts",
        fix: "look at it (ls -l \(file)) and remove it")
    ]
  }
}
