import Configuring
import Delivery
import Planning
import QueueAccess
import Terminal

/// The facts of an event, for programs. The keys are an interface: they never change, and new ones
/// are added.
extension LogEvent {
  typealias Field = (String, JSONObject.Value)

  var fields: [Field] {
    switch self {
    case .started(let run): Self.fields(run)
    case .happened(let event): Self.fields(event)
    case .alreadyRunning: []
    case .failed(let failure): failure.facts
    case .stopped(let run): Self.fields(run)
    }
  }

  private static func fields(_ run: RunStart) -> [Field] {
    [
      ("version", .text(run.version)), ("pid", .int(Int(run.pid))), ("queue", .text(run.queue)),
      ("goal", .text(RunText.goal(run.mode.goal))), ("limit_ms", .of(run.mode.limit)),
      ("accounts", .texts(run.accounts)),
    ]
  }

  private static func fields(_ run: RunEnd) -> [Field] {
    [
      ("ending", .text(run.ending.rawValue)), ("exit", .text(run.code.name)),
      ("exit_code", .int(Int(run.code.rawValue))), ("ran_ms", .int(run.ran_ms)),
      ("calls", .int(run.progress.calls)), ("lanes_done", .int(run.progress.lanesDone)),
      ("lanes_left", .int(run.progress.lanesLeft)), ("asks_died", .int(run.asksDied)),
      ("asks_delayed", .int(run.progress.asksDelayed)),
    ]
  }

  private static func fields(_ event: WorkEvent) -> [Field] {
    switch event {
    case .called(let call): fields(call)
    case .died(let account, let aim, let lane, let why, let answer):
      [
        ("account", .text(account)), ("kind", .text(aim.rawValue)),
        ("lane", .text(EventText.shown(lane, aim))), ("reason", .text(why)),
      ] + fields(answer)
    case .parked(let account, let trouble, let isTenant, let credentials, let why, let answer):
      [
        ("account", .text(account)), ("trouble", .text(trouble.rawValue)), ("reason", .text(why)),
        (
          "fix",
          .text(
            trouble.fix(account: account, isTenant: isTenant, credentials: credentials?.words))
        ),
      ] + fields(answer)
    case .paused(let account, let api, let span, let why, let answer):
      [
        ("account", .text(account)), ("api", .text(api.rawValue)), ("paused_ms", .int(span)),
        ("reason", .text(why)),
      ] + fields(answer)
    case .recovered(let calls): [("calls", .int(calls))]
    case .accountChanged(let account, let settings, let isResumed):
      [
        ("account", .text(account)), ("settings", .texts(settings.map(\.rawValue).sorted())),
        ("resumed", .bool(isResumed)),
      ]
    case .storeFailed(let why), .configurationUnusable(let why): [("reason", .text(why))]
    case .secretMissing(let account, let why):
      [("account", .text(account)), ("reason", .text(why))]
    case .userTokenMissing(let account, let api, let why):
      [("account", .text(account)), ("api", .text(api.rawValue)), ("reason", .text(why))]
    case .unparked(let account), .unknownAccount(let account), .accountAdded(let account),
      .accountRemoved(let account), .secretFound(let account):
      [("account", .text(account))]
    case .storeRecovered, .configurationUnchanged: []
    }
  }

  private static func fields(_ call: CallReport) -> [Field] {
    var fields: [Field] = [
      ("account", .text(call.account)), ("api", .text(call.api.rawValue)),
      ("call", .int(call.call)), ("lanes", .texts(EventText.shown(call))),
    ]
    if let audience = call.audience {
      fields += [("everyone", .bool(audience.count == nil)), ("people", .of(audience.count))]
    }
    fields += [
      ("outcome", .text(call.outcome)), ("took_ms", .int(call.took_ms)),
      ("reason", call.isGood ? .null : .text(call.detail)),
    ]
    return fields + Self.fields(call.answer)
  }

  private static func fields(_ answer: AnswerFacts) -> [Field] {
    [
      ("code", .of(answer.code)), ("http_status", .of(answer.status)),
      ("log_id", .of(answer.logID)),
    ]
  }
}
