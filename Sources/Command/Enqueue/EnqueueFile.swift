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
    let input = try input(global)
    let checker = try checker(global)
    let common = checker.common
    // Open the queue before the check, which may take a while, so that an unusable queue is
    // reported first.
    let place = try global.queue()
    let new = NewQueue(place)
    let intake = try place.intake()
    return try run(input, checker, global) { (lines) throws(Failure) in
      try withSentences { () throws(QueueError) in
        try BulkIntake.write(lines, common, to: intake)
      }
    } finally: {
      new.tell(global)
      global.warnIfUnconfigured(in: intake)
    }
  }

  /// The same on a shared queue. `store` is given the rows of one transaction and returns their ids; given none, it
  /// finds out whether the queue can be used.
  func run(
    _ global: GlobalOptions, on store: (AskRows?) throws(Failure) -> [Int]
  ) throws(Failure) -> ExitCode {
    let input = try input(global)
    let checker = try checker(global)
    let common = checker.common
    _ = try store(nil)
    return try run(input, checker, global) { (lines) throws(Failure) in
      let rows = try withSentences { () throws(QueueError) in
        try AskRows(lines, common)
      }
      let ids = try store(rows)
      return ids.min().flatMap { first in ids.max().map { first...$0 } }
    } finally: {
    }
  }

  private func input(_ global: GlobalOptions) throws(Failure) -> InputFile {
    let file = try InputFile(source)
    if file.isTerminal {
      global.say("reading asks from the terminal: one JSON object a line, then Ctrl-D")
    }
    return try file.rereadable()
  }

  private func run(
    _ input: InputFile, _ checker: consuming BulkIntake.Checker, _ global: GlobalOptions,
    store: WritingPass.Store, finally tell: () -> Void
  ) throws(Failure) -> ExitCode {
    let stop = StopRequest()
    var check = CheckingPass(global, done: "enqueued")
    try check.run(input, until: stop) { checker.refusal(of: $0) }
    var write = WritingPass(lines: check.lines, progress: Progress(global))
    let failure = try write.run(input, bytes: check.bytes, until: stop, to: store)
    tell()
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
  /// Stores lines in one transaction; returns the first and the last id.
  typealias Store = ([String]) throws(Failure) -> ClosedRange<Int>?

  let lines: Int
  let progress: Progress
  private var ids: ClosedRange<Int>?
  private var written = 0

  init(lines: Int, progress: Progress) {
    self.lines = lines
    self.progress = progress
  }

  /// Other processes that wait for the lock try about once a millisecond. A gap a little longer
  /// than that gives each of them one try, so none waits for more than a few transactions.
  private static let gap_ns = 1_300_000

  /// Ignores lines appended since the check, because they have not been checked. Returns the failure
  /// if a person stops it: what was written until then is still a result.
  mutating func run(
    _ input: InputFile, bytes: Int, until stop: borrowing StopRequest, to store: Store
  ) throws(Failure) -> Failure? {
    var reader = LineReader(rereading: input, bytes: bytes)
    defer { progress.clear() }
    while true {
      let chunk = try Self.chunk(&reader)
      if chunk.isEmpty { break }
      if written > 0 { yieldToOthers() }
      if let code = stop.arrived { return Failure(code, stopped, fix: nil) }
      try write(chunk, to: store, input.name)
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
    _ chunk: [String], to store: Store, _ name: String
  ) throws(Failure) {
    do throws(Failure) {
      guard let new = try store(chunk) else { return }
      ids = (ids?.lowerBound ?? new.lowerBound)...new.upperBound
      written += chunk.count
    } catch {
      progress.clear()
      if error.code == .badInput { throw changed(name) }
      var failure = Failure(error.code, "\(stopped): \(error.sentence)", fix: error.fix)
      failure.isRetryable = error.isRetryable
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
