import Basics
import Glibc

/// How far the time since boot is shifted for this program. `unshare -T`, some container runtimes
/// and CRIU start programs in a time namespace, in which CLOCK_BOOTTIME has an offset while the
/// boot keeps its id.
struct TimeNamespace {
  /// Nil if it cannot be determined.
  let offset_ns: Int?

  /// A program stays in the namespace it was started in.
  static let own = TimeNamespace()

  private init() {
    guard let kinds = Self.read("/proc/self/timens_offsets") else {
      // A kernel without time namespaces has neither of the two files. Without /proc they are
      // missing as well, and the offset cannot be determined.
      let isKnown =
        access("/proc/self/stat", F_OK) == 0 && access("/proc/self/ns/time", F_OK) != 0
      offset_ns = isKnown ? 0 : nil
      return
    }
    // The file describes the namespace of this program's children. After an `unshare` without a fork,
    // older kernels leave the program itself where it was.
    let isOwn = linkTarget("/proc/self/ns/time") == linkTarget("/proc/self/ns/time_for_children")
    offset_ns = isOwn ? Self.boottime(in: kinds) : nil
  }

  /// The offset in lines such as `boottime  100  0`: seconds, and nanoseconds that are added to them.
  static func boottime(in kinds: String) -> Int? {
    for line in kinds.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "boottime" else { continue }
      guard let seconds = Int(words[1]), let nanoseconds = Int(words[2]) else { return nil }
      return seconds * 1_000_000_000 + nanoseconds
    }
    return nil
  }

  /// The text of one of the kernel's small files.
  static func read(_ path: String) -> String? {
    guard case .success(let bytes) = TextFile.read(path, atMost: 4_096), !bytes.isEmpty else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
