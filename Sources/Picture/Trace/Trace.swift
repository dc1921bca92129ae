import Planning

/// Calls in the JSON format of Chrome's trace viewer, which Perfetto reads: channels as processes, lanes as threads,
/// calls as slices. A lane is in one call at a time, so the slices of a thread never overlap.
package struct Trace: Sendable {
  /// By which a trace is recognized before it is replaced.
  package static let beginning = #"{"otherData":{"written by":"larkspur report"#

  /// A lane in a call.
  package struct Slice: Equatable, Sendable {
    package let account: String
    package let api: String
    /// Its name, or nil for a call that carries none: it hands out an access token.
    package let lane: String?
    /// A number that only this lane of the channel has.
    package let thread: Int
    package let call: Int
    package let began_ms: Int
    package let took_ms: Int
    package let outcome: String
    package let code: Int?
    package let logID: String?

    package init(
      account: String, api: String, lane: String?, thread: Int, call: Int, began_ms: Int,
      took_ms: Int, outcome: String, code: Int?, logID: String?
    ) {
      self.account = account
      self.api = api
      self.lane = lane
      self.thread = thread
      self.call = call
      self.began_ms = began_ms
      self.took_ms = took_ms
      self.outcome = outcome
      self.code = code
      self.logID = logID
    }
  }

  private let slices: [Slice]
  private let stretches: [QueueHistory.Stretch]
  private let now_ms: Int

  package init(_ slices: [Slice], _ stretches: [QueueHistory.Stretch], now_ms: Int) {
    self.slices = slices
    self.stretches = stretches
    self.now_ms = now_ms
  }

  package func text(isFull: Bool) -> String {
    var writer = TraceWriter(isFull: isFull)
    for stretch in stretches { writer.write(stretch, now_ms: now_ms) }
    for slice in slices { writer.write(slice) }
    return "\(Self.beginning)\"},\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
      + writer.events.joined(separator: ",\n") + "\n]}\n"
  }
}

private struct TraceWriter {
  let isFull: Bool
  private(set) var events: [String] = []
  private var processes: [String: Int] = [:]
  private var threads: [Int: Set<Int>] = [:]

  init(isFull: Bool) { self.isFull = isFull }

  /// The thread of what stopped a channel. Lanes have numbers above it.
  private static let stops = 0

  mutating func write(_ slice: Trace.Slice) {
    let process = process("\(slice.account): \(slice.api)s")
    // Only preview tokens give access to what they name.
    let isSecret = Kind(rawValue: slice.api)?.rules.namesGiveAccess ?? false
    let name = slice.lane.map { isSecret && !isFull ? Shortening.token($0) : $0 }
    entitle(slice.thread, of: process, name ?? "access token")
    event([
      ("name", JSONText.string(slice.outcome)), ("cat", JSONText.string("call")),
      ("ph", JSONText.string("X")), ("pid", "\(process)"), ("tid", "\(slice.thread)"),
      ("ts", "\(slice.began_ms * 1_000)"), ("dur", "\(max(0, slice.took_ms) * 1_000)"),
      (
        "args",
        JSONText.object([
          ("call", "\(slice.call)"), ("code", slice.code.map { "\($0)" } ?? "null"),
          ("log_id", slice.logID.map(JSONText.string) ?? "null"),
        ])
      ),
    ])
  }

  mutating func write(_ stretch: QueueHistory.Stretch, now_ms: Int) {
    let owner = [stretch.account, stretch.api.map { "\($0)s" }].compactMap { $0 }
    let process = process(owner.isEmpty ? "worker" : owner.joined(separator: ": "))
    entitle(Self.stops, of: process, owner.isEmpty ? "runs" : "stopped")
    let end = stretch.ended_ms ?? now_ms
    let why = stretch.why ?? stretch.reason ?? ""
    event([
      ("name", JSONText.string(stretch.what.rawValue)), ("cat", JSONText.string("worker")),
      ("ph", JSONText.string("X")), ("pid", "\(process)"), ("tid", "\(Self.stops)"),
      ("ts", "\(stretch.began_ms * 1_000)"), ("dur", "\(max(0, end - stretch.began_ms) * 1_000)"),
      (
        "args",
        JSONText.object([
          ("why", JSONText.string(isFull ? why : Shortening.message(why)))
        ])
      ),
    ])
  }

  private mutating func process(_ name: String) -> Int {
    if let known = processes[name] { return known }
    let number = processes.count + 1
    processes[name] = number
    metadata("process_name", name, process: number, thread: 0)
    return number
  }

  private mutating func entitle(_ thread: Int, of process: Int, _ name: String) {
    if threads[process, default: []].insert(thread).inserted {
      metadata("thread_name", name, process: process, thread: thread)
    }
  }

  private mutating func metadata(_ what: String, _ name: String, process: Int, thread: Int) {
    event([
      ("name", JSONText.string(what)), ("ph", JSONText.string("M")), ("pid", "\(process)"),
      ("tid", "\(thread)"), ("args", JSONText.object([("name", JSONText.string(name))])),
    ])
  }

  private mutating func event(_ members: [(String, String)]) {
    events.append(JSONText.object(members))
  }
}
