import Larkspur
import QueueAccess
import Terminal

/// Finds every bad line and writes nothing.
struct CheckingPass {
  private(set) var lines = 0
  private(set) var bytes = 0
  private var wrong = 0
  private var problems: [String] = []
  private let progress: Progress
  /// What becomes of good lines: `enqueued`.
  private let done: String
  private static let wrongListedMax = 10

  init(_ global: GlobalOptions, done: String) {
    progress = Progress(global)
    self.done = done
  }

  /// `refusal` says what is wrong with a line, or nil.
  mutating func run(
    _ input: InputFile, until stop: borrowing StopRequest, refusal: (String) -> String?
  ) throws(Failure) {
    let size = max(input.size, 1)
    var reader = LineReader(rereading: input)
    defer { progress.clear() }
    while let line = try reader.next() {
      lines += 1
      if let problem = line.problem ?? refusal(line.text) { note(line, problem) }
      if lines % 100 == 0 {
        if let code = stop.arrived { throw stopped(code) }
        let (lines, percent) = (lines, min(reader.bytesRead * 100 / size, 100))
        progress.show(lines) {
          "checked \(grouped(lines)) lines, \(percent) %, \(grouped($0)) a second"
        }
      }
    }
    bytes = reader.bytesRead
    if wrong > 0 { throw failure(input.name) }
  }

  private mutating func note(_ line: LineReader.Line, _ problem: String) {
    wrong += 1
    if wrong > Self.wrongListedMax { return }
    let isCut = line.isLast && (line.problem != nil || problem == BulkIntake.Checker.notAnObject)
    let hint = isCut ? "; the file ends in the middle of this line and seems to be cut off" : ""
    problems.append("line \(line.number): \(printable(problem))\(hint)")
  }

  private func stopped(_ code: ExitCode) -> Failure {
    var failure = Failure(
      code, "stopped while checking the lines; nothing was \(done)", fix: nil)
    failure.details = problems
    return failure
  }

  private func failure(_ name: String) -> Failure {
    let unlisted = wrong - Self.wrongListedMax
    var failure = Failure(
      .badInput,
      "nothing was \(done): \(grouped(wrong)) of \(counted(lines, "line")) in \(name) cannot be "
        + "used; fix them and try again")
    failure.details =
      problems + (unlisted > 0 ? ["… and \(counted(unlisted, "more line"))"] : [])
    return failure
  }
}
