import Basics
import Larkspur
import Planning
import Terminal

/// The worker as seen from another process: whether one works the queue, how it is doing, and what
/// is stuck.
struct WorkerReport {
  let queue: String
  let sight: WorkerSight
  let pulse: Pulse
  private let account: String?

  /// `asksWait` is how long the oldest ask that no worker has looked at has waited. If `account` is
  /// given, only what is stuck for that account or for the whole queue is reported.
  init(
    queue: String, sight: WorkerSight, at now: ClockReading, asksWait: Span?, account: String?
  ) {
    self.queue = queue
    self.sight = sight
    self.account = account
    guard case .worker(_, let heartbeat?) = sight else {
      pulse = .unknown
      return
    }
    pulse = heartbeat.pulse(at: now, asksWait: asksWait)
  }

  /// Looks at the queue's worker now.
  init(queue: String, asksWait: Span?, account: String?) {
    let sight = WorkerLock.sight(queue: queue)
    let now = SystemClocks.read(boot: SystemClocks.bootID())
    self.init(queue: queue, sight: sight, at: now, asksWait: asksWait, account: account)
  }

  /// The last heartbeat. The worker may have ended since.
  var heartbeat: Heartbeat? { sight.heartbeat }

  var stuck: [Stuck] {
    let all = heartbeat?.look.stuck ?? []
    guard let account else { return all }
    return all.filter { $0.account == nil || $0.account == account }
  }

  /// Includes other accounts, because only the number is known here.
  private var stuckMore: Int { heartbeat?.look.stuckMore ?? 0 }
}

/// Text for people.
extension WorkerReport {
  static let noWorker = "no worker is running; start one with 'larkspur work'"

  /// The worker's lines in `status`.
  var lines: [[String]] {
    var lines = [["worker", headline]]
    if let heartbeat { lines += story(of: heartbeat).map { ["", $0] } }
    // If the worker has ended, this was true at its last look and may not be now.
    let isOver = if case .nobody = sight { true } else { false }
    for (place, sentence) in sentences.enumerated() {
      lines.append(
        isOver ? ["", "it was stuck: \(sentence)"] : [place == 0 ? "stuck" : "", sentence])
    }
    return lines
  }

  private var headline: String {
    switch sight {
    case .nobody: Self.noWorker
    case .hidden(let code):
      "unknown: cannot read \(printable(WorkerLock.path(of: queue))): \(systemMessage(code))"
    case .worker(let owner, nil):
      "\(printable(owner)); no heartbeat yet: it is still starting, or is another version"
    case .worker(let owner, let heartbeat?):
      "\(printable(owner)), larkspur \(printable(heartbeat.version)), "
        + "\(state) since \(text(heartbeat.started))"
    }
  }

  private var state: String { pulse == .working ? "working" : "running" }

  private func story(of heartbeat: Heartbeat) -> [String] {
    let look = heartbeat.look
    var moments = ["last look \(text(look.wall))"]
    moments.append("last call \(look.lastCall.map(text) ?? "none")")
    moments.append("last success \(look.lastSuccess.map(text) ?? "none")")
    let times = moments.joined(separator: ", ")
    switch (sight, pulse) {
    case (.nobody, _): return ["the last worker was process \(heartbeat.pid): \(times)"]
    case (_, .notResponding): return [silence(of: heartbeat), times]
    case (_, .unknown): return ["cannot tell from here whether it still responds", times]
    case (_, .working): return [times]
    }
  }

  private func silence(of heartbeat: Heartbeat) -> String {
    "not responding: \(Self.remedy(for: heartbeat))"
  }

  static func remedy(for heartbeat: Heartbeat) -> String {
    "stopped (Ctrl-Z, SIGSTOP) or hung; see: ps -o pid,stat,wchan,args -p \(heartbeat.pid); if it "
      + "was stopped, continue it: kill -CONT \(heartbeat.pid)"
  }

  /// Of many, only the first: what concerns a whole app or host is worth more than one more parked tenant.
  private var sentences: [String] {
    let all = stuck.filter { $0.reason != .parked } + stuck.filter { $0.reason == .parked }
    let shown = all.prefix(all.count > Self.sentencesMost + 1 ? Self.sentencesMost : all.count)
    let more = stuckMore + all.count - shown.count
    return shown.map { printable($0.sentence) } + (more > 0 ? ["and \(grouped(more)) more"] : [])
  }

  private static let sentencesMost = 5

  private func text(_ moment: WallMoment) -> String { describeMoment(wall_ms: moment.ms) }

  /// What keeps the listed asks from being delivered, as sentences shown after the list.
  var obstacles: [String] {
    switch sight {
    case .nobody: return [Self.noWorker]
    case .hidden, .worker(_, nil): return []
    case .worker(_, let heartbeat?):
      let last = text(heartbeat.look.wall)
      let silent =
        "the worker has not looked at the queue since \(last); it is \(silence(of: heartbeat))"
      return (pulse == .notResponding ? [silent] : []) + sentences.map { "stuck: \($0)" }
    }
  }
}

/// JSON for programs.
extension WorkerReport {
  private var word: String {
    switch sight {
    case .nobody: "not_running"
    case .hidden: "unreadable"
    case .worker: pulse.rawValue
    }
  }

  var object: JSONObject {
    let look = heartbeat?.look
    return JSONObject([
      ("state", .text(word)),
      ("pid", .of(heartbeat?.pid)),
      ("version", .of(heartbeat?.version)),
      ("since", moment(heartbeat?.started)),
      ("last_look", moment(look?.wall)),
      ("next_look", moment(heartbeat?.next)),
      ("last_call", moment(look?.lastCall)),
      ("last_success", moment(look?.lastSuccess)),
      ("stuck", .list(stuck.map(Self.object))),
      ("stuck_more", .int(stuckMore)),
    ])
  }

  private func moment(_ moment: WallMoment?) -> JSONObject.Value {
    UTCText.iso8601(.of(moment.map(text)))
  }

  private static func object(_ stuck: Stuck) -> JSONObject {
    JSONObject([
      ("account", .of(stuck.account)), ("reason", .text(stuck.reason.rawValue)),
      ("calls", .of(stuck.calls)), ("why", .text(stuck.why)),
    ])
  }
}
