import Basics
import Glibc

/// How much of the write-ahead log is not in the database yet, and which programs keep it from being
/// written back.
package struct LogBacklog: Equatable, Sendable {
  /// The bytes in the log's file.
  package var size: Int
  /// Whether any program has the queue open. Nil if the kernel does not tell.
  package var isOpen: Bool?
  /// The programs that read a state older than the newest one.
  package var readers: [Int]

  package init(size: Int, isOpen: Bool?, readers: [Int]) {
    self.size = size
    self.isOpen = isOpen
    self.readers = readers
  }
}

/// The kernel's list of locks, `/proc/locks`, and the index of the log show who reads what.
///
/// Opening and closing the index would drop SQLite's locks on it, so this must be asked before the
/// process opens the queue.
extension LogBacklog {
  /// Nil if there is no log.
  package init?(queue path: String, locks: String = "/proc/locks") {
    let real = QueueFile.realPath(path)
    guard let log = FileStatus(SideFiles.log(of: real)) else { return nil }
    size = log.size
    isOpen = nil
    readers = []
    guard case .success(let bytes) = TextFile.read(locks, atMost: 10_000_000) else { return }
    guard let index = FileStatus(SideFiles.index(of: real)) else {
      isOpen = false
      return
    }
    let held = HeldLock.all(in: String(decoding: bytes, as: UTF8.self), file: index.number)
    isOpen = held.contains { $0.bytes.contains(Self.openMark) }
    guard let marks = ReadMarks(index: SideFiles.index(of: real)) else { return }
    for lock in held where !lock.isWrite {
      let isBehind = marks.outdated.contains { lock.bytes.contains(Self.firstMark + $0) }
      if isBehind, !readers.contains(lock.pid) { readers.append(lock.pid) }
    }
  }

  /// The byte of the index that every program with the queue open has locked, and that of the first
  /// of the marks that readers lock.
  private static let openMark = 128
  private static let firstMark = 123
}

/// One line of the kernel's list.
private struct HeldLock {
  let pid: Int
  let isWrite: Bool
  let bytes: ClosedRange<Int>

  /// The locks on the file with this number, as in `4: POSIX  ADVISORY  READ 812 fe:00:1234 128 128`.
  static func all(in list: String, file number: UInt) -> [HeldLock] {
    list.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 8, words[1] == "POSIX", let pid = Int(words[4]),
        words[5].split(separator: ":").last.flatMap({ UInt($0) }) == number,
        let first = Int(words[6]), first >= 0
      else { return nil }
      let last = Int(words[7]) ?? .max
      return HeldLock(pid: pid, isWrite: words[3] == "WRITE", bytes: first...max(first, last))
    }
  }
}

/// Which states the readers of a queue may be reading, from the index of its log.
private struct ReadMarks {
  /// The numbers of the marks that stand for a state before the newest one.
  let outdated: [Int]

  /// Nil if the index cannot be read, or no program has initialized it.
  init?(index path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 0, count: 120)
    guard pread(descriptor, &header, header.count, 0) == header.count, header[12] != 0 else {
      return nil
    }
    func word(_ place: Int) -> UInt32 {
      header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
    }
    let newest = word(16)
    // The first mark is that of readers who read the database alone. It is always 0, and holds
    // nothing back but what is not in the database yet.
    outdated = (0..<5).filter { word(100 + 4 * $0) < newest }
  }
}
