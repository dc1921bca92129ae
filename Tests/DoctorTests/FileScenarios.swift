import Foundation
import Larkspur
import Programs
import Testing

@testable import Doctor

extension Scenario {
  static let ofFiles: [Scenario] = [
    Scenario(.queueFile, .fine) { QueueFileCheck.findings(at: try $0.makeQueue()) },
    Scenario(.queueFile, .warn) { QueueFileCheck.findings(at: $0.queue) },
    Scenario(.queueFile, .wrong) { QueueFileCheck.findings(at: $0.folder) },
    Scenario(.queueFile, .wrong) { bench in
      symlink("/nowhere/queue.db", bench.queue)
      return QueueFileCheck.findings(at: bench.queue)
    },
    Scenario(.queueFile, .wrong) { bench in
      try bench.write("what was written last", to: "queue.db-wal")
      return QueueFileCheck.findings(at: bench.queue)
    },
    Scenario(.queueFile, .unknown) { bench in
      let error = QueueError(.cannotUse, "cannot reach \(bench.queue): permission denied")
      return [QueueFileCheck.problem(error, bench.queue, isUnreachable: true)]
    },
    Scenario(.names, .fine) { QueueFileCheck.findings(at: try $0.makeQueue()) },
    Scenario(.names, .wrong) { bench in
      try bench.makeQueue()
      link(bench.queue, bench.file("other.db"))
      return QueueFileCheck.findings(at: bench.queue)
    },
    Scenario(.folder, .fine) { [FolderCheck.finding(of: try $0.makeQueue(), isReadOnly: false)] },
    Scenario(.folder, .wrong) { [FolderCheck.finding(of: try $0.makeQueue(), isReadOnly: true)] },
    Scenario(.folder, .wrong) { bench in
      try bench.makeQueue()
      // Root can write everywhere, so as root the queue is another user's.
      if geteuid() == 0 { chown(bench.queue, 65_534, 65_534) }
      chmod(bench.folder, 0o500)
      return [FolderCheck.finding(of: bench.queue, isReadOnly: false)]
    },
    Scenario(.folder, .warn) { bench in
      try bench.makeQueue()
      chmod(bench.folder, 0o777)
      return [FolderCheck.finding(of: bench.queue, isReadOnly: false)]
    },
    Scenario(.fileSystem, .fine) { [FileSystemCheck.finding(of: $0.queue, kind: 0xEF53)] },
    Scenario(.fileSystem, .warn) { [FileSystemCheck.finding(of: $0.queue, kind: 0x6573_5546)] },
    Scenario(.fileSystem, .warn) { [FileSystemCheck.finding(of: $0.queue, kind: 0x0102_1994)] },
    Scenario(.fileSystem, .wrong) { [FileSystemCheck.finding(of: $0.queue, kind: 0x6969)] },
    Scenario(.fileSystem, .unknown) { bench in
      [FileSystemCheck.finding(of: bench.queue, kind: FileSystemCheck.kind(of: "/nowhere/queue"))]
    },
    Scenario(.owner, .fine) { OwnershipCheck(path: try $0.makeQueue()).findings() },
    Scenario(.owner, .warn) { bench in
      let check = OwnershipCheck(path: bench.queue, viewer: Viewer(user: 1_001))
      return [check.owner(.of(1_000, 0o600), [])]
    },
    Scenario(.owner, .wrong) { bench in
      let check = OwnershipCheck(path: bench.queue, viewer: Viewer(user: 1_000))
      return [check.owner(.of(1_000, 0o600), [(bench.queue + "-wal", .of(0, 0o600))])]
    },
    Scenario(.fileMode, .fine) { OwnershipCheck(path: try $0.makeQueue()).findings() },
    Scenario(.fileMode, .warn) { bench in
      chmod(try bench.makeQueue(), 0o644)
      return OwnershipCheck(path: bench.queue).findings()
    },
    Scenario(.fileMode, .wrong) { bench in
      chmod(try bench.makeQueue(), 0o400)
      return OwnershipCheck(path: bench.queue).findings()
    },
    Scenario(.lockFile, .wrong) { bench in
      symlink("/dev/null", try bench.makeQueue() + ".worker")
      return OwnershipCheck(path: bench.queue).findings()
    },
    Scenario(.lockFile, .wrong) { bench in
      try bench.makeQueue()
      link(try bench.write("", to: "victim"), bench.queue + ".worker")
      return OwnershipCheck(path: bench.queue).findings()
    },
  ]
}

extension FileFacts {
  static func of(_ owner: uid_t, _ mode: mode_t) -> FileFacts {
    FileFacts(
      owner: owner, group: gid_t(owner), mode: mode, isRegular: true, isLink: false, size: 1,
      names: 1, isPipe: false)
  }
}
