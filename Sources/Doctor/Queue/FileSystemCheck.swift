import Basics
import CLinux

/// Whether the file system can do what SQLite needs. Its write-ahead log is shared memory, which
/// does not work between machines.
enum FileSystemCheck {
  /// What `statfs` calls the file system that holds a path; nil if it does not say.
  static func kind(of path: String) -> UInt32? {
    let kind = larkspur_file_system(path)
    return kind < 0 ? nil : UInt32(truncatingIfNeeded: kind)
  }

  static func finding(of path: String, kind: UInt32?) -> Finding {
    guard let kind else {
      return .unknown(
        .fileSystem, "cannot tell which file system holds \(path)", fix: "see: df -T \(path)")
    }
    if let name = remote[kind] {
      return .wrong(
        .fileSystem,
        "\(path) is on \(name): several machines can reach it, and SQLite's locks and shared "
          + "memory do not work between them",
        fix: "move the queue to a local disk: sqlite3 \(path) '.backup /LOCAL/queue.db'")
    }
    if kind == fuse {
      return .warn(
        .fileSystem, "\(path) is on a FUSE file system, which may be remote or without locks",
        fix: "if it is not a local disk (df -T \(path)), move the queue to one")
    }
    if volatile.contains(kind) {
      return .warn(
        .fileSystem, "\(path) is in memory (tmpfs), so a restart of the machine deletes the queue",
        fix: "move it to a disk: sqlite3 \(path) '.backup /LOCAL/queue.db'")
    }
    return .fine(.fileSystem, "local file system")
  }

  /// From Linux's `magic.h` and the sources of what is not in it.
  private static let remote: [UInt32: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x0102_1997: "9p",
    0x00C3_6400: "Ceph", 0x5346_414F: "AFS", 0x0BD0_0BD0: "Lustre", 0x0116_1970: "GFS2",
    0x7461_636F: "OCFS2", 0x786F_4256: "a VirtualBox shared folder",
  ]
  private static let fuse: UInt32 = 0x6573_5546
  private static let volatile: Set<UInt32> = [0x0102_1994, 0x8584_58F6]
}
