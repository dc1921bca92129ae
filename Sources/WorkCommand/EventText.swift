import Configuring
import Delivery
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

  static func sentence(_ event: WorkEvent) -> String {
    switch event {
    case .called(let call): line(call)
    case .died(let account, let aim, let lane, let reason, _):
      "\(shown(lane, aim)) of account '\(printable(account))' is dead: \(printable(reason)); "
        + "see 'larkspur list --state dead'"
    case .parked(let account, let trouble, let isTenant, let credentials, let why, _):
      "account '\(account)' is parked (its asks are kept): \(printable(why)). "
        + printable(
          trouble.fix(account: account, isTenant: isTenant, credentials: credentials?.words))
    case .unparked(let account): "account '\(account)' is no longer parked"
    case .paused(let account, let api, let span, let why, _):
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

  static func level(_ event: WorkEvent) -> LogLevel {
    switch event {
    case .called(let call): call.isGood ? .info : .warning
    case .unparked, .storeRecovered, .secretFound: .info
    case .accountAdded, .accountChanged, .accountRemoved, .configurationUnchanged: .info
    case .paused, .recovered: .warning
    // A run with an end reports this at its end, a run without one in its log.
    case .unknownAccount: .warning
    case .died, .parked, .storeFailed, .secretMissing, .userTokenMissing: .error
    case .configurationUnusable: .error
    }
  }

  private static let secretAdvice =
    "its asks wait until this is fixed ('larkspur resume' is not needed)"

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

  static func shown(_ call: CallReport) -> [String] {
    call.lanes.map { lane in call.api.kind.map { shown(lane, .lane(of: $0)) } ?? printable(lane) }
  }

  static func shown(_ lane: String, _ aim: Aim) -> String {
    if case .lane(let kind) = aim, kind.rules.namesGiveAccess, lane.count > 14 {
      return printable(String(lane.prefix(12))) + "…"
    }
    return printable(lane)
  }
}
