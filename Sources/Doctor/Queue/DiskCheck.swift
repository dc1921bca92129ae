import Glibc
import Terminal

/// How much room the queue's file system has.
struct DiskFacts: Equatable {
  var freeBytes: Int
  var allInodes: Int
  var freeInodes: Int
  var isReadOnly: Bool

  init(freeBytes: Int, allInodes: Int, freeInodes: Int, isReadOnly: Bool = false) {
    self.freeBytes = freeBytes
    self.allInodes = allInodes
    self.freeInodes = freeInodes
    self.isReadOnly = isReadOnly
  }

  /// Nil if it cannot be asked. What only root may use counts as used.
  init?(_ path: String) {
    var info = statvfs()
    guard statvfs(path, &info) == 0 else { return nil }
    let (bytes, isTooMuch) = Int(clamping: info.f_bavail).multipliedReportingOverflow(
      by: Int(clamping: info.f_frsize))
    freeBytes = isTooMuch ? .max : bytes
    allInodes = Int(clamping: info.f_files)
    freeInodes = Int(clamping: info.f_favail)
    isReadOnly = info.f_flag & UInt(Self.readOnlyFlag) != 0
  }

  private static let readOnlyFlag = 1  // ST_RDONLY
}

enum DiskCheck {
  /// `size` is that of the queue: a change of its schema may write it once more.
  static func findings(_ facts: DiskFacts?, of path: String, size: Int) -> [Finding] {
    guard let facts else {
      return [
        .unknown(.diskSpace, "cannot tell how much space is free", fix: "see: df -h \(path)")
      ]
    }
    return [space(facts, path, size)] + inodes(facts, path)
  }

  private static func space(_ facts: DiskFacts, _ path: String, _ size: Int) -> Finding {
    let free = "\(sizeText(facts.freeBytes)) free"
    let fix = "free some space on the disk that holds \(path): df -h \(path)"
    if facts.freeBytes < least { return .wrong(.diskSpace, "only \(free)", fix: fix) }
    if facts.freeBytes < max(enough, size) { return .warn(.diskSpace, "only \(free)", fix: fix) }
    return .fine(.diskSpace, free)
  }

  /// Below this, an ordinary day's log may not fit.
  private static let least = 32_000_000
  private static let enough = 256_000_000

  /// Some file systems do not count inodes.
  private static func inodes(_ facts: DiskFacts, _ path: String) -> [Finding] {
    if facts.allInodes == 0 || facts.freeInodes > 1_000 { return [] }
    let fix = "remove files from the disk that holds \(path): df -i \(path)"
    if facts.freeInodes == 0 {
      return [.wrong(.inodes, "no inode is free, so no file can be created", fix: fix)]
    }
    return [.warn(.inodes, "only \(grouped(facts.freeInodes)) inodes are free", fix: fix)]
  }
}
