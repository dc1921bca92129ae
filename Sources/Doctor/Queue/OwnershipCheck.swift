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
    let folder = FileFacts(parentFolder(of: path))
    return [owner(queue, beside, folder: folder), mode([(path, queue)] + beside)] + lockFile()
  }

  func owner(
    _ queue: FileFacts, _ beside: [(path: String, facts: FileFacts)], folder: FileFacts? = nil
  ) -> Finding {
    if let folder, let stray = stray(queue, beside, in: folder) { return stray }
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

  /// A queue that somebody else, usually root, has created in the folder of the worker's user.
  private func stray(
    _ queue: FileFacts, _ beside: [(path: String, facts: FileFacts)], in folder: FileFacts
  ) -> Finding? {
    let worker = beside.first { $0.path == WorkerLock.path(of: path) }?.facts.owner
    let isEverybodys = folder.mode & 0o1000 != 0
    // A worker of root's can use the queue wherever it is.
    guard folder.owner != queue.owner, queue.isClosed(to: folder.owner), !isEverybodys,
      worker.map({ $0 == folder.owner }) ?? true
    else { return nil }
    let user = Names.word(ofUser: folder.owner)
    let group = Names.word(ofGroup: folder.group)
    let whose = worker == nil ? "its folder is" : "its folder and the last worker are"
    let sudo = viewer.isRoot ? "" : "sudo "
    let sharing =
      folder.mode & 0o020 == 0
      ? "" : ", or \(sudo)larkspur init --group \(group) --db \(path)"
    return .wrong(
      .owner,
      "the queue belongs to \(Names.ofUser(queue.owner)), but \(whose) \(Names.ofUser(folder.owner))'s, who cannot write it",
      fix: "\(sudo)chown \(user):\(group) \(path)*" + sharing)
  }

  private func mode(_ files: [(path: String, facts: FileFacts)]) -> Finding {
    for file in files where file.facts.mode & 0o600 != 0o600 {
      return .wrong(
        .fileMode,
        "the owner of \(file.path) may not read and write it (mode \(file.facts.modeText))",
        fix: "chmod u+rw \(file.path)")
    }
    if let group = group(of: files) { return shared(with: group, files) }
    for file in files where file.facts.mode & 0o077 != 0 {
      return .warn(
        .fileMode,
        "other users may read or write \(file.path) (mode \(file.facts.modeText)); it holds preview "
          + "tokens and open_ids",
        fix: "if they should not, chmod 600 \(file.path)")
    }
    return .fine(.fileMode, "only the owner may read and write it")
  }

  /// The group that `larkspur init --group` has given the queue to, as far as its files or its folder
  /// still show it.
  private func group(of files: [(path: String, facts: FileFacts)]) -> gid_t? {
    if let queue = files.first?.facts, queue.mode == 0o660 { return queue.group }
    guard let folder = FileFacts(parentFolder(of: path)), folder.mode == 0o2770 else { return nil }
    let isShared = files.contains { $0.facts.mode == 0o660 && $0.facts.group == folder.group }
    return isShared ? folder.group : nil
  }

  private func shared(with group: gid_t, _ files: [(path: String, facts: FileFacts)]) -> Finding {
    let name = Names.ofGroup(group)
    let fix = "larkspur init --group \(Names.word(ofGroup: group)) --db \(path)"
    for file in files where file.facts.mode != 0o660 || file.facts.group != group {
      return .wrong(
        .fileMode,
        "the queue is shared with group \(name), but \(file.path) is not (group "
          + "\(Names.ofGroup(file.facts.group)), mode \(file.facts.modeText))",
        fix: fix)
    }
    let folder = parentFolder(of: path)
    // In a folder for everybody's files, such as /tmp, each member can create files.
    if let facts = FileFacts(folder), facts.mode & 0o002 == 0,
      facts.group != group || facts.mode & 0o2070 != 0o2070
    {
      return .wrong(
        .fileMode,
        "the queue is shared with group \(name), but its folder \(folder) is not (group "
          + "\(Names.ofGroup(facts.group)), mode \(facts.modeText))",
        fix: fix)
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
