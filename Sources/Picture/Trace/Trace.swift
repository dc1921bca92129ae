import Planning

/// Calls in the JSON format of Chrome's trace viewer, which Perfetto reads: channels as processes,
/// lanes as threads, calls as slices. A lane is in one call at a time, so the slices of a thread
/// never overlap. The text is made in parts, because there may be millions of slices.
package struct Trace: Sendable {
  /// By which a trace is recognized before it is replaced.
  package static let beginning = #"{"otherData":{"written by":"larkspur report"#
  /// What follows the last slices.
  package static let end = "\n]}\n"

  /// The lane's thread number is its own; that of calls without lanes is 1, because they hand out
  /// access tokens and are in a process of their own.
  package struct Thread: Equatable, Sendable {
    package let account: String
    package let api: String
    package let number: Int
    /// Nil for calls without lanes.
    package let lane: String?

    package init(account: String, api: String, number: Int, lane: String?) {
      self.account = account
      self.api = api
      self.number = number
      self.lane = lane
    }

    /// Whether the lane's name gives access to what it names.
    fileprivate var isSecret: Bool { Kind(rawValue: api)?.rules.namesGiveAccess ?? false }
  }

  /// A lane in a call.
  package struct Slice: Equatable, Sendable {
    package let account: String
    package let api: String
    package let thread: Int
    package let call: Int
    package let began_ms: Int
    package let took_ms: Int
    package let outcome: String
    package let code: Int?
    package let logID: String?

    package init(
      account: String, api: String, thread: Int, call: Int, began_ms: Int, took_ms: Int,
      outcome: String, code: Int?, logID: String?
    ) {
      self.account = account
      self.api = api
      self.thread = thread
      self.call = call
      self.began_ms = began_ms
      self.took_ms = took_ms
      self.outcome = outcome
      self.code = code
      self.logID = logID
    }
  }

  /// The thread of what stopped a channel. Lanes have numbers above it.
  private static let stops = 0

  private let shortening: Shortening
  private var processes: [String: Int] = [:]
  /// The processes that have a thread for what stopped them.
  private var stopped: Set<Int> = []
  private var events: [String] = []

  /// Everything but the calls.
  package init(
    _ threads: [Thread], _ stretches: [QueueHistory.Stretch], now_ms: Int, isFull: Bool
  ) {
    shortening = Shortening(isFull: isFull, names: threads.filter(\.isSecret).compactMap(\.lane))
    for thread in threads { add(thread) }
    for stretch in stretches { add(stretch, now_ms: now_ms) }
  }

  /// What comes before the slices.
  package var head: String {
    "\(Self.beginning)\"},\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
      + events.joined(separator: ",\n")
  }

  /// Slices as they follow what was written before. Those of a channel that no thread is of are
  /// left out.
  package func text(_ slices: [Slice]) -> String {
    var text = ""
    for slice in slices {
      guard let process = processes[Self.channel(slice.account, slice.api)] else { continue }
      text += ",\n" + Self.event(slice, process: process)
    }
    return text
  }

  private static func channel(_ account: String, _ api: String) -> String { "\(account): \(api)s" }

  private static func event(_ slice: Slice, process: Int) -> String {
    JSONText.object([
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

  private mutating func add(_ thread: Thread) {
    let process = process(Self.channel(thread.account, thread.api))
    let name = thread.lane.map { thread.isSecret ? shortening.token($0) : $0 }
    entitle(process, thread: thread.number, name ?? "access token")
  }

  private mutating func add(_ stretch: QueueHistory.Stretch, now_ms: Int) {
    let owner = [stretch.account, stretch.api.map { "\($0)s" }].compactMap { $0 }
    let name = owner.isEmpty ? "worker" : owner.joined(separator: ": ")
    let process = process(name)
    if stopped.insert(process).inserted {
      entitle(process, thread: Self.stops, owner.isEmpty ? "runs" : "stopped")
    }
    let end = stretch.ended_ms ?? now_ms
    let why = shortening.message(stretch.why ?? stretch.reason ?? "")
    events.append(
      JSONText.object([
        ("name", JSONText.string(stretch.what.rawValue)), ("cat", JSONText.string("worker")),
        ("ph", JSONText.string("X")), ("pid", "\(process)"), ("tid", "\(Self.stops)"),
        ("ts", "\(stretch.began_ms * 1_000)"), ("dur", "\(max(0, end - stretch.began_ms) * 1_000)"),
        ("args", JSONText.object([("why", JSONText.string(why))])),
      ]))
  }

  private mutating func process(_ name: String) -> Int {
    if let known = processes[name] { return known }
    let number = processes.count + 1
    processes[name] = number
    metadata("process_name", name, process: number, thread: Self.stops)
    return number
  }

  private mutating func entitle(_ process: Int, thread: Int, _ name: String) {
    metadata("thread_name", name, process: process, thread: thread)
  }

  private mutating func metadata(_ what: String, _ name: String, process: Int, thread: Int) {
    events.append(
      JSONText.object([
        ("name", JSONText.string(what)), ("ph", JSONText.string("M")), ("pid", "\(process)"),
        ("tid", "\(thread)"), ("args", JSONText.object([("name", JSONText.string(name))])),
      ]))
  }
}
