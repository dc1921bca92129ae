import Basics
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `saw --from FILE`: one sighting for each line. The file is read twice, because all lines are
/// checked before the first is written.
struct SawFile: Equatable {
  /// `-` is standard input.
  var source: String
  var keyFrom: KeyPattern?

  func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    let input = try input(global)
    // Open the queue before the check, which may take a while, so that an unusable queue is
    // reported first.
    let place = try global.queue()
    let new = NewQueue(place)
    let intake = try place.intake()
    try withSentences { () throws(QueueError) in try intake.useMemory(megabytes: Self.memory) }
    let code = try run(input, global) { (line, checker) in
      checker.refusal(of: line, in: intake)
    } write: { (sightings) throws(Failure) in
      try withSentences { () throws(QueueError) in try intake.record(checked: sightings) }
    }
    new.tell(global)
    return code
  }

  /// The same on a shared queue. `write` records sightings, all or none; given none, it finds out whether the queue can
  /// be used. How many keys a token has already is found out there, when it is written.
  func run(
    _ global: GlobalOptions, on write: ([Sighting]) throws(Failure) -> Void
  ) throws(Failure) -> ExitCode {
    let input = try input(global)
    try write([])
    return try run(input, global, refusal: { $1.refusal(of: $0) }, write: write)
  }

  private func input(_ global: GlobalOptions) throws(Failure) -> InputFile {
    let file = try InputFile(source)
    if file.isTerminal {
      global.say("reading sightings from the terminal: one JSON object a line, then Ctrl-D")
    }
    return try file.rereadable()
  }

  private func run(
    _ input: InputFile, _ global: GlobalOptions,
    refusal: (String, inout SightingChecker) -> String?, write: WritingPass.Store
  ) throws(Failure) -> ExitCode {
    let stop = StopRequest()
    let read = try withSentences { () throws(QueueError) in try lines(global) }
    var checker = try withSentences { () throws(QueueError) in
      try SightingChecker(try lines(global))
    }
    var check = CheckingPass(global, done: "recorded")
    try check.run(input, until: stop) { refusal($0, &checker) }
    var writing = WritingPass(lines: check.lines, progress: Progress(global))
    let failure = try writing.run(input, bytes: check.bytes, read, until: stop, to: write)
    if failure == nil || global.wantsJSON {
      Output.result(writing.counts.text(asJSON: global.wantsJSON))
    }
    if let failure { throw failure }
    return .done
  }

  private static let memory = 64

  private func lines(_ global: GlobalOptions) throws(QueueError) -> SightingLines {
    try SightingLines(account: global.accountToAsk, keysInURL: keyFrom?.finder())
  }
}

/// Writes lines that have been checked, in short transactions.
private struct WritingPass {
  typealias Store = ([Sighting]) throws(Failure) -> Void

  let lines: Int
  let progress: Progress
  private(set) var counts = SightingCounts()
  private var slice = Slice()

  init(lines: Int, progress: Progress) {
    self.lines = lines
    self.progress = progress
  }

  /// Other processes that wait for the lock try about once a millisecond.
  private static let gap_ns = 1_300_000

  /// Ignores lines appended since the check, because they have not been checked. Returns the failure
  /// if a person stops it: what was written until then is still a result.
  mutating func run(
    _ input: InputFile, bytes: Int, _ read: borrowing SightingLines,
    until stop: borrowing StopRequest, to store: Store
  ) throws(Failure) -> Failure? {
    var reader = LineReader(rereading: input, bytes: bytes)
    defer { progress.clear() }
    while true {
      let (chunk, count) = try chunk(&reader, read, input.name)
      if count == 0 { break }
      if done > 0 { sleepBriefly(nanoseconds: Self.gap_ns) }
      if let code = stop.arrived { return Failure(code, stopped, fix: nil) }
      try write(chunk, to: store)
      counts.recorded += chunk.count
      counts.skipped += count - chunk.count
      let (done, lines) = (done, lines)
      progress.show(done) {
        "recorded \(grouped(done)) of \(grouped(lines)), \(done * 100 / max(lines, 1)) %, "
          + "\(grouped($0)) a second"
      }
    }
    if done != lines { throw changed(input.name) }
    return nil
  }

  /// The next sightings, and how many lines they are on.
  private func chunk(
    _ reader: inout LineReader, _ read: borrowing SightingLines, _ name: String
  ) throws(Failure) -> ([Sighting], lines: Int) {
    var chunk: [Sighting] = []
    var lines = 0
    while lines < slice.rows, let line = try reader.next() {
      lines += 1
      switch read.read(line.text) {
      case .sighting(let sighting): chunk.append(sighting)
      case .draft: break
      case .wrong: throw changed(name)
      }
    }
    return (chunk, lines)
  }

  private mutating func write(
    _ chunk: [Sighting], to store: Store
  ) throws(Failure) {
    let began = ContinuousClock.now
    do throws(Failure) {
      try store(chunk)
      slice.note(took: Int(began.duration(to: .now) / .milliseconds(1)))
    } catch {
      progress.clear()
      var failure = Failure(error.code, "\(stopped): \(error.sentence)", fix: error.fix)
      failure.isRetryable = error.isRetryable
      throw failure
    }
  }

  private var done: Int { counts.recorded + counts.skipped }

  private func changed(_ name: String) -> Failure {
    Failure(.badInput, "\(stopped): \(name) was changed after it was checked")
  }

  private var stopped: String {
    "stopped after \(grouped(done)) of \(counted(lines, "line")), in the order of the lines"
  }
}
