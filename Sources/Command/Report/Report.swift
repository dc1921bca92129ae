import Basics
import Larkspur
import Picture
import Planning
import QueueAccess
import Terminal

/// `report`: what happened, as one page to look at, or as a trace.
struct Report: Equatable {
  static let usualSpan_ms = 24 * 3_600_000

  var since_ms = Report.usualSpan_ms
  var file = PictureFile.usual
  var form = Form.page

  enum Form: Equatable {
    case page
    case trace
  }

  /// Whether tokens are shown in full.
  var isFull = false

  init() {}

  init(_ options: Options) throws(Failure) {
    try Invocation.expectNoOperands(options, of: .report)
    if let word = options.one("--since") { since_ms = try parseDuration(word) }
    if since_ms == 0 { throw Failure(.usage, "--since is empty; give a span such as 24h") }
    isFull = options.has("--full")
    if let path = options.one("--trace") {
      if options.one("--out") != nil {
        throw Failure(.usage, "report writes a page or a trace; give --out or --trace, not both")
      }
      form = .trace
      file = path
    } else if let path = options.one("--out") {
      file = path
    }
    if file.isEmpty {
      throw Failure(.usage, "the name of the file is empty; give a path, or - for standard output")
    }
  }

  func run(_ global: GlobalOptions) throws(Failure) {
    let place = try global.queue()
    let target = PictureFile(file, form == .page ? ReportPage.beginning : Trace.beginning)
    try target.check()
    switch form {
    case .page: try target.write(try page(of: place.path, account: global.account))
    case .trace:
      try target.write { (append) throws(Failure) in
        try writeTrace(of: place.path, account: global.account, append)
      }
    }
    if target.isStandardOutput { return }
    Output.result(global.wantsJSON ? JSONObject([("file", .text(file))]).text : file)
  }

  func page(of queue: String, account: String?) throws(Failure) -> String {
    let history = try read(queue) { (reader, now) throws(StoreError) in
      try HistoryReading.history(
        reader, queue: queue, account: account, since_ms: since_ms, now)
    }
    return ReportPage(history, isFull: isFull, version: larkspurVersion).text
  }

  /// The queue is opened for reading only, so that nobody needs permission to write it.
  private func read<Result>(
    _ queue: String,
    _ body: (borrowing QueueReader, WallMoment) throws(StoreError) -> Result
  ) throws(Failure) -> Result {
    try withSentences { () throws(QueueError) in
      try QueueFile.check(queue, creating: false)
      do throws(StoreError) {
        return try QueueReader.look(at: queue) { (reader) throws(StoreError) in
          try reader.expectNewestSchema()
          return try body(reader, SystemClocks.read(boot: nil).wall)
        }
      } catch {
        throw QueueError(error, path: queue)
      }
    }
  }

  private func writeTrace(
    of queue: String, account: String?, _ append: (String) throws(Failure) -> Void
  ) throws(Failure) {
    let (frame, trace) = try read(queue) { (reader, now) throws(StoreError) in
      let frame = try HistoryFrame(reader, account: account, since_ms: since_ms, now)
      return (frame, try TraceReading.trace(reader, frame, isFull: isFull))
    }
    try append(trace.head)
    var last = 0
    while true {
      let slices = try read(queue) { (reader, _) throws(StoreError) in
        try TraceReading.slices(reader, frame, after: last)
      }
      guard let call = slices.last?.call else { break }
      last = call
      try append(trace.text(slices))
    }
    try append(Trace.end)
  }
}
