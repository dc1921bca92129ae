import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// Events in words. Names of lanes that give access are shortened: enough to recognise a lane, not
/// enough to use its name.
enum EventText {
  static func line(_ call: CallReport) -> String {
    var text =
      "\(call.account) \(call.api.rawValue) #\(call.call) \(call.outcome) in \(call.took_ms) ms"
    if let audience = call.audience {
      let lanes = call.lanes.count == 1 ? "1 lane" : "\(call.lanes.count) lanes"
      text += ": \(lanes) for \(people(audience)) [\(names(shown(call)))]"
    } else if !call.lanes.isEmpty {
      text += ": [\(shown(call).joined(separator: " "))]"
    }
    if !call.isGood { text += ", \(printable(call.detail))" }
    return text
  }

  static func sentence(_ event: WorkEvent) -> String? {
    switch event {
    case .called: nil
    case .died(let account, let kind, let lane, let reason):
      "\(shown(lane, kind)) of account '\(printable(account))' is dead: \(printable(reason)); "
        + "see 'larkspur list --state dead'"
    case .parked(let account, let trouble, let why):
      "account '\(account)' is parked (its asks are kept): \(printable(why)). "
        + "\(trouble.advice), then run 'larkspur resume \(account)'"
    case .unparked(let account): "account '\(account)' is no longer parked"
    case .paused(let account, let api, let span, let why):
      "\(api.rawValue) calls of account '\(account)' are paused for \(describeDuration(span)): "
        + printable(why)
    case .recovered(let calls):
      "\(calls) call\(calls == 1 ? "" : "s") of an interrupted run will be repeated"
    case .storeFailed(let why): "retrying: \(why)"
    case .storeRecovered: "the queue can be written again"
    case .unknownAccount(let name):
      "account '\(printable(name))' has pending asks but is not configured; they wait until it is "
        + "added"
    case .accountAdded(let account): "account '\(account)' was added"
    case .accountChanged(let account, let settings, let isResumed):
      "account '\(account)' was changed: "
        + settings.map(\.rawValue).sorted().joined(separator: ", ")
        + (isResumed ? "; it is no longer parked" : "")
    case .accountRemoved(let account):
      "account '\(account)' was removed; its asks wait until it is added again"
    case .configurationUnchanged: "the configuration was reloaded; no account has changed"
    case .configurationUnusable(let why):
      "the configuration was not reloaded and no account has changed: \(why)"
    case .secretMissing(let account, let why):
      "account '\(account)' cannot sign in: \(printable(why)); \(secretAdvice)"
    case .userTokenMissing(let account, let api, let why):
      "\(api.rawValue) calls of account '\(account)' wait: \(printable(why)); \(secretAdvice)"
    case .secretFound(let account): "the secrets of account '\(account)' can be read again"
    }
  }

  static func isProblem(_ event: WorkEvent) -> Bool {
    switch event {
    case .called, .unparked, .recovered, .storeRecovered, .paused, .secretFound: false
    case .accountAdded, .accountChanged, .accountRemoved, .configurationUnchanged: false
    case .died, .parked, .storeFailed, .secretMissing, .userTokenMissing: true
    case .configurationUnusable: true
    // A run with an end reports this at its end, a run without one in its log.
    case .unknownAccount: false
    }
  }

  static func sentence(_ loss: WorkerStore.LogLoss, queue: String) -> String {
    let missing =
      loss.after.map { "Asks made after \(describeMoment(wall_ms: $0.ms)) may be missing" }
      ?? "Any of its asks may be missing"
    let since = loss.after == nil ? "" : " since then"
    return
      "the -wal or -shm file of queue \(queue) was removed while programs had it open, and they "
      + "may have written to different files since. \(missing). Check the queue: "
      + "sqlite3 \(queue) 'pragma integrity_check'. If that prints ok, restart the worker and "
      + "enqueue again what has changed\(since). If not, save what can be read "
      + "(sqlite3 \(queue) .recover | sqlite3 recovered.db), move the queue away, and do the same "
      + "with a new one."
  }

  private static let secretAdvice =
    "its asks wait until this is fixed ('larkspur resume' is not needed)"

  static func progress(_ progress: WorkProgress, elapsed_ms: Int) -> String {
    var parts = ["\(progress.lanesDone) done"]
    let isOnlyDelayed = progress.lanesLeft == 0 && progress.asksDelayed > 0
    if !isOnlyDelayed { parts.append("\(progress.lanesLeft) left") }
    if progress.asksDelayed > 0 { parts.append("\(progress.asksDelayed) delayed") }
    if isOnlyDelayed {
      if let next = progress.nextDelayed { parts.append("next in \(describeDuration(next))") }
      return parts.joined(separator: ", ")
    }
    let rate = Int(progress.callsPerSecond * 10)
    parts.append("\(rate / 10).\(rate % 10) calls/s")
    if progress.lanesDone > 0 && progress.lanesLeft > 0 {
      let left_ms = elapsed_ms * progress.lanesLeft / progress.lanesDone
      parts.append("about \(describeDuration(left_ms)) to go")
    }
    return parts.joined(separator: ", ")
  }

  static func summary(_ progress: WorkProgress, elapsed_ms: Int) -> String {
    let calls = progress.calls == 1 ? "1 call" : "\(progress.calls) calls"
    let left = progress.lanesLeft > 0 ? ", \(progress.lanesLeft) left" : ""
    let delayed = progress.asksDelayed > 0 ? ", \(progress.asksDelayed) delayed" : ""
    return
      "\(progress.lanesDone) done with \(calls) in \(describeDuration(elapsed_ms))\(left)\(delayed)"
  }

  static func json(_ event: WorkEvent, at_ms: Int) -> String {
    var members: [(String, String)] = [("at_ms", "\(at_ms)")]
    switch event {
    case .called(let call):
      members += [
        ("event", "\"call\""), ("account", JSONText.string(call.account)),
        ("api", JSONText.string(call.api.rawValue)), ("call", "\(call.call)"),
        ("lanes", JSONText.list(shown(call))), ("outcome", JSONText.string(call.outcome)),
        ("took_ms", "\(call.took_ms)"), ("detail", JSONText.string(call.detail)),
      ]
      if let audience = call.audience {
        members.append(("audience", JSONText.string(people(audience))))
      }
    default:
      members += [
        ("event", "\"\(name(event))\""), ("text", JSONText.string(sentence(event) ?? "")),
      ]
    }
    return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  private static func name(_ event: WorkEvent) -> String {
    switch event {
    case .called: "call"
    case .died: "died"
    case .parked: "parked"
    case .unparked: "unparked"
    case .paused: "paused"
    case .recovered: "recovered"
    case .storeFailed: "store_failed"
    case .storeRecovered: "store_mended"
    case .unknownAccount: "unknown_account"
    case .accountAdded: "account_added"
    case .accountChanged: "account_changed"
    case .accountRemoved: "account_removed"
    case .configurationUnchanged: "configuration_unchanged"
    case .configurationUnusable: "configuration_unusable"
    case .secretMissing: "secret_missing"
    case .userTokenMissing: "user_token_missing"
    case .secretFound: "secret_found"
    }
  }

  private static func people(_ audience: Audience) -> String {
    switch audience.count {
    case nil: "everyone"
    case 1: "1 person"
    case let count?: "\(count) people"
    }
  }

  private static func names(_ lanes: [String]) -> String {
    let shown = lanes.prefix(3).joined(separator: " ")
    return lanes.count > 3 ? "\(shown) +\(lanes.count - 3)" : shown
  }

  private static func shown(_ call: CallReport) -> [String] {
    call.lanes.map { lane in call.api.kind.map { shown(lane, $0) } ?? printable(lane) }
  }

  private static func shown(_ lane: String, _ kind: Kind) -> String {
    kind.rules.namesGiveAccess && lane.count > 14
      ? printable(String(lane.prefix(12))) + "…" : printable(lane)
  }
}
