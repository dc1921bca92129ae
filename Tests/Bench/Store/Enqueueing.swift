import Glibc
import Larkspur
import Planning

/// Asks in bulk, as `larkspur enqueue preview --from` writes them: all are checked first, then
/// written in short transactions with gaps for other programs.
enum Enqueueing {
  /// As in the command.
  private static let gap_ns = 1_300_000

  static func run(queue path: String, file: String, durability: String) throws -> Double {
    let lines = lines(of: file)
    let common = BulkIntake.Common(.preview)
    var checker = try BulkIntake.Checker(common)
    let intake = try Intake(queue: path)
    Connections.run("pragma synchronous = \(durability)", on: 1)
    let began_ns = now_ns()
    Connections.tape?.startClock()
    for line in lines {
      if let refusal = checker.refusal(of: line) { fail(refusal) }
    }
    var rest = lines[...]
    while !rest.isEmpty {
      if rest.count < lines.count { pause() }
      _ = try BulkIntake.write(
        Array(rest.prefix(BulkIntake.linesPerTransaction)), common, to: intake)
      rest = rest.dropFirst(BulkIntake.linesPerTransaction)
    }
    Connections.tape?.stopClock()
    return Double(now_ns() - began_ns) / 1e9
  }

  private static func lines(of path: String) -> [String] {
    guard let file = fopen(path, "r") else { fail("\(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var lines: [String] = []
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    while getline(&line, &room, file) > 0 {
      if let line { lines.append(String(String(cString: line).dropLast())) }
    }
    free(line)
    return lines
  }

  private static func pause() {
    Connections.tape?.pause(nanoseconds: gap_ns)
    var gap = timespec(tv_sec: 0, tv_nsec: gap_ns)
    nanosleep(&gap, nil)
  }
}
