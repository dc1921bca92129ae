import Basics
import Glibc
import Larkspur

/// Whether the write-ahead log grows, and who keeps it from being written back.
enum LogCheck {
  /// The worker cuts a log down to half of this within a minute.
  private static let large = 16 << 20

  static func finding(
    _ log: LogBacklog?, of path: String, command: (Int) -> String? = LogCheck.command(of:)
  ) -> Finding {
    guard let log else { return .fine(.logSize, "no write-ahead log") }
    let size = "the write-ahead log has \(sizeText(log.size))"
    if log.size <= large { return .fine(.logSize, size) }
    if log.isOpen == false {
      return .fine(.logSize, "\(size); the next program that opens the queue writes it back")
    }
    let fix = "see who has it open: fuser -v \(path)-wal"
    if log.readers.isEmpty {
      return .unknown(
        .logSize, "\(size), and no program that is visible here keeps it from being written back",
        fix: fix)
    }
    let readers = log.readers.map { pid in
      "process \(pid)\(command(pid).map { " (\($0))" } ?? "")"
    }
    let verb = readers.count == 1 ? "reads" : "read"
    return .warn(
      .logSize,
      "\(size): \(readers.joined(separator: ", ")) \(verb) an old state, so it cannot be written back",
      fix:
        "end the query or transaction there: ps -p \(log.readers.map(String.init).joined(separator: ","))"
    )
  }

  /// The name of a process's program; nil if it is not visible here.
  static func command(of pid: Int) -> String? {
    guard case .success(let bytes) = TextFile.read("/proc/\(pid)/comm", atMost: 1_000) else {
      return nil
    }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
