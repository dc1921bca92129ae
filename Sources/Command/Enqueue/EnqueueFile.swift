import Basics
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `enqueue KIND --from FILE`: one ask for each line. The file is read twice, because all lines are
/// checked before the first is written.
struct EnqueueFile: Equatable {
  var aim: Aim
  /// `-` is standard input.
  var source: String
  var timing = Timing()

  func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    let file = try InputFile(source)
    if file.isTerminal {
      global.say("reading asks from the terminal: one JSON object a line, then Ctrl-D")
    }
    let input = try file.rereadable()
    var checker = try checker(global)
    // Open the queue before the check, which may take a while, so that an unusable queue is
    // reported first.
    let intake = try global.queue().intake()
    let stop = StopRequest()
    var check = CheckingPass(global, done: "enqueued")
    try check.run(input, until: stop) { checker.refusal(of: $0) }
    var write = WritingPass(common: checker.common, lines: check.lines, progress: Progress(global))
    let failure = try write.run(input, bytes: check.bytes, to: intake, until: stop)
    global.warnIfUnconfigured(in: intake)
    if failure == nil || global.wantsJSON {
      Output.result(write.result(asJSON: global.wantsJSON))
    }
    if let failure { throw failure }
    return .done
  }

  /// What the command line says about all lines is checked by itself, because otherwise each line
  /// would be blamed for it.
  private func checker(_ global: GlobalOptions) throws(Failure) -> BulkIntake.Checker {
    // That check is the same for every kind.
    let common = BulkIntake.Common(.preview, account: global.accountToAsk, timing)
    var checker = try withSentences { () throws(QueueError) in try BulkIntake.Checker(common) }
    if let refusal = checker.refusal(of: #"{"token":"token","everyone":true}"#) {
      throw Failure(.badInput, Timing.inOptions(refusal))
    }
    checker.common.aim = aim
    return checker
  }
}

/// Writes lines that have been checked, in short transactions.
private struct WritingPass {
  let common: BulkIntake.Common
  let lines: Int
  let progress: Progress
  private var ids: ClosedRange<Int>?
  private var written = 0

  init(common: BulkIntake.Common, lines: Int, progress: Progress) {
    self.common = common
    self.lines = lines
    self.progress = progress
  }

  /// Other processes that wait for the lock try about once a millisecond. A gap a little longer
  /// than that gives each of them one try, so none waits for more than a few transactions.
  private static let gap_ns = 1_300_000

  /// Ignores lines appended since the check, because they have not been checked. Returns the failure
  /// if a person stops it: what was written until then is still a result.
  mutating func run(
    _ input: InputFile, bytes: Int, to intake: borrowing Intake,
    until stop: borrowing StopRequest
  ) throws(Failure) -> Failure? {
    var reader = LineReader(rereading: input, bytes: bytes)
    defer { progress.clear() }
    while true {
      let chunk = try Self.chunk(&reader)
      if chunk.isEmpty { break }
      if written > 0 { yieldToOthers() }
      if let code = stop.arrived { return Failure(code, stopped, fix: nil) }
      try write(chunk, to: intake, input.name)
      let (written, lines) = (written, lines)
      progress.show(written) {
        "enqueued \(grouped(written)) of \(grouped(lines)), \(written * 100 / max(lines, 1)) %, "
          + "\(grouped($0)) a second"
      }
    }
    if written != lines { throw changed(input.name) }
    return nil
  }

  func result(asJSON: Bool) -> String {
    if !asJSON { return "\(written) ask\(written == 1 ? "" : "s")" }
    return JSONObject([
      ("asks", .int(written)), ("first", .of(ids?.lowerBound)), ("last", .of(ids?.upperBound)),
    ]).text
  }

  private static func chunk(_ reader: inout LineReader) throws(Failure) -> [String] {
    var chunk: [String] = []
    var bytes = 0
    while chunk.count < BulkIntake.linesPerTransaction && bytes < BulkIntake.bytesPerTransaction,
      let line = try reader.next()
    {
      chunk.append(line.text)
      bytes += line.text.utf8.count
    }
    return chunk
  }

  private mutating func write(
    _ chunk: [String], to intake: borrowing Intake, _ name: String
  ) throws(Failure) {
    do throws(QueueError) {
      guard let new = try BulkIntake.write(chunk, common, to: intake) else { return }
      ids = (ids?.lowerBound ?? new.lowerBound)...new.upperBound
      written += chunk.count
    } catch {
      progress.clear()
      if error.kind == .refused { throw changed(name) }
      let cause = Failure(error)
      var failure = Failure(cause.code, "\(stopped): \(cause.sentence)", fix: cause.fix)
      failure.isRetryable = cause.isRetryable
      throw failure
    }
  }

  private func yieldToOthers() { sleepBriefly(nanoseconds: Self.gap_ns) }

  private func changed(_ name: String) -> Failure {
    Failure(.badInput, "\(stopped): \(name) was changed after it was checked")
  }

  private var stopped: String {
    "stopped after enqueueing \(grouped(written)) of \(counted(lines, "ask")), in the order of the "
      + "lines"
  }
}
