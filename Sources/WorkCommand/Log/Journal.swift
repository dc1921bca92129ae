import Glibc
import Terminal

/// systemd's journal, as a reader of standard error.
package enum Journal {
  /// Whether standard error goes there. The variable is inherited by programs whose output somebody
  /// has sent elsewhere since, and they must not write priorities into a file.
  package static var readsStandardError: Bool {
    guard let stream = try? environmentVariable("JOURNAL_STREAM") else { return false }
    var info = stat()
    guard fstat(STDERR_FILENO, &info) == 0 else { return false }
    return isStream(stream, device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
  }

  /// The variable is `device:inode`, both decimal.
  static func isStream(_ stream: String, device: UInt64, inode: UInt64) -> Bool {
    let parts = stream.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && UInt64(parts[0]) == device && UInt64(parts[1]) == inode
  }
}
