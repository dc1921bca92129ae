import Planning
import Terminal

@testable import Delivery
@testable import WorkCommand

/// One event of each name, and what the log says about it. The compiler demands a sample for a new
/// name, and a name for a new event.
struct EventSample {
  let event: LogEvent
  let level: LogLevel
  /// The line for people, without time and level.
  let text: String
  /// The members that come between the name and the message.
  let facts: String

  init(_ event: LogEvent, _ level: LogLevel, _ text: String, _ facts: String = "") {
    self.event = event
    self.level = level
    self.text = text
    self.facts = facts
  }

  init(_ event: WorkEvent, _ level: LogLevel, _ text: String, _ facts: String = "") {
    self.init(.happened(event), level, text, facts)
  }

  static func of(_ name: EventName) -> EventSample {
    switch name {
    case .started: started
    case .called: called
    case .died: died
    case .parked: parked
    case .unparked: unparked
    case .paused: paused
    case .recovered: recovered
    case .storeFailed: storeFailed
    case .storeRecovered: storeRecovered
    case .unknownAccount: unknownAccount
    case .accountAdded: accountAdded
    case .accountChanged: accountChanged
    case .accountRemoved: accountRemoved
    case .configurationUnchanged: configurationUnchanged
    case .configurationUnusable: configurationUnusable
    case .secretMissing: secretMissing
    case .userTokenMissing: userTokenMissing
    case .secretFound: secretFound
    case .alreadyRunning: alreadyRunning
    case .failed: failed
    case .stopped: stopped
    }
  }
}

// Calls and what comes of them.
extension EventSample {
  private static let token = "952te0c8-9ccf-463d-ad73-593f8f768a5c"
  private static let refusal = AnswerFacts(code: 230_001, status: 400, logID: "h5_3")
  private static let refused = #","code":230001,"http_status":400,"log_id":"h5_3""#

  private static var called: EventSample {
    EventSample(
      .called(
        CallReport(
          account: "shop", api: .preview, call: 12, lanes: [token],
          audience: .people(["ou_1", "ou_2"]), took_ms: 40, outcome: "refused",
          detail: "230001 no (HTTP 400, log id h5_3)", answer: refusal, isGood: false)),
      .warning,
      "shop preview #12 refused in 40 ms: 1 lane for 2 people [952te0c8-9cc…], 230001 no "
        + "(HTTP 400, log id h5_3)",
      #""account":"shop","api":"preview","call":12,"lanes":["952te0c8-9cc…"],"everyone":false,"#
        + #""people":2,"outcome":"refused","took_ms":40,"#
        + #""reason":"230001 no (HTTP 400, log id h5_3)""# + refused)
  }

  private static var died: EventSample {
    EventSample(
      .died(account: "shop", .preview, lane: token, reason: "no", refusal), .error,
      "952te0c8-9cc… of account 'shop' is dead: no; see 'larkspur list --state dead'",
      #""account":"shop","kind":"preview","lane":"952te0c8-9cc…","reason":"no""# + refused)
  }

  private static var parked: EventSample {
    let fix =
      "Grant the app the missing permission in the developer console, then run 'larkspur resume "
      + "shop'"
    return EventSample(
      .parked(account: "shop", .permission, isTenant: false, why: "no", refusal), .error,
      "account 'shop' is parked (its asks are kept): no. \(fix)",
      #""account":"shop","trouble":"permission","reason":"no","fix":"\#(fix)""# + refused)
  }

  private static var unparked: EventSample {
    EventSample(
      .unparked(account: "shop"), .info, "account 'shop' is no longer parked", #""account":"shop""#)
  }

  private static var paused: EventSample {
    EventSample(
      .paused(account: "shop", .card, forMilliseconds: 30_000, why: "no", refusal), .warning,
      "card calls of account 'shop' are paused for 30 s: no",
      #""account":"shop","api":"card","paused_ms":30000,"reason":"no""# + refused)
  }

  private static var recovered: EventSample {
    EventSample(
      .recovered(calls: 1), .warning, "1 call of an interrupted run will be repeated",
      #""calls":1"#)
  }
}

// The queue, the configuration and the secrets.
extension EventSample {
  private static var storeFailed: EventSample {
    EventSample(
      .storeFailed("it is full"), .error, "retrying: it is full", #""reason":"it is full""#)
  }

  private static var storeRecovered: EventSample {
    EventSample(.storeRecovered, .info, "the queue can be written again")
  }

  private static var unknownAccount: EventSample {
    EventSample(
      .unknownAccount("shop"), .warning,
      "account 'shop' has pending asks but is not configured; they wait until it is added",
      #""account":"shop""#)
  }

  private static var accountAdded: EventSample {
    EventSample(.accountAdded("shop"), .info, "account 'shop' was added", #""account":"shop""#)
  }

  private static var accountChanged: EventSample {
    EventSample(
      .accountChanged("shop", [.secret, .app], isResumed: true), .info,
      "account 'shop' was changed: app_id, app_secret; it is no longer parked",
      #""account":"shop","settings":["app_id","app_secret"],"resumed":true"#)
  }

  private static var accountRemoved: EventSample {
    EventSample(
      .accountRemoved("shop"), .info,
      "account 'shop' was removed; its asks wait until it is added again", #""account":"shop""#)
  }

  private static var configurationUnchanged: EventSample {
    EventSample(
      .configurationUnchanged, .info, "the configuration was reloaded; no account has changed")
  }

  private static var configurationUnusable: EventSample {
    EventSample(
      .configurationUnusable("it is not JSON"), .error,
      "the configuration was not reloaded and no account has changed: it is not JSON",
      #""reason":"it is not JSON""#)
  }

  private static var secretMissing: EventSample {
    EventSample(
      .secretMissing(account: "shop", why: "no file"), .error,
      "account 'shop' cannot sign in: no file; its asks wait until this is fixed ('larkspur "
        + "resume' is not needed)", #""account":"shop","reason":"no file""#)
  }

  private static var userTokenMissing: EventSample {
    EventSample(
      .userTokenMissing(account: "shop", .session, why: "no file"), .error,
      "session calls of account 'shop' wait: no file; its asks wait until this is fixed ('larkspur "
        + "resume' is not needed)", #""account":"shop","api":"session","reason":"no file""#)
  }

  private static var secretFound: EventSample {
    EventSample(
      .secretFound(account: "shop"), .info, "the secrets of account 'shop' can be read again",
      #""account":"shop""#)
  }
}

// The run itself.
extension EventSample {
  private static var started: EventSample {
    EventSample(
      .started(
        RunStart(
          version: "1.0", pid: 7, queue: "/q.db", mode: WorkMode(goal: .stay, limit: 55_000),
          accounts: ["default", "shop"])), .info,
      "started larkspur 1.0, process 7, for accounts default, shop on queue /q.db; starts no calls "
        + "after 55 s",
      #""version":"1.0","pid":7,"queue":"/q.db","goal":"stay","limit_ms":55000,"#
        + #""accounts":["default","shop"]"#)
  }

  private static var alreadyRunning: EventSample {
    EventSample(
      .alreadyRunning(.owner("process 7")), .info,
      "a worker is already running on this queue (process 7); this run exits")
  }

  private static var failed: EventSample {
    EventSample(
      .failed(Failure(.configuration, "it is not JSON; correct it")), .error,
      "it is not JSON; correct it",
      #""exit":"configuration","exit_code":78,"fix":"correct it","console_url":null,"#
        + #""log_id":null,"retryable":false"#)
  }

  private static var stopped: EventSample {
    var progress = WorkProgress()
    (progress.calls, progress.lanesDone, progress.lanesLeft) = (3, 4, 1)
    progress.asksDelayed = 2
    return EventSample(
      .stopped(
        RunEnd(ending: .ended, code: .dead, progress: progress, asksDied: 1, ran_ms: 12_300)),
      .info, "ended: 4 done with 3 calls in 12 s, 1 left, 2 delayed, 1 ask dead",
      #""ending":"ended","exit":"dead","exit_code":1,"ran_ms":12300,"calls":3,"lanes_done":4,"#
        + #""lanes_left":1,"asks_died":1,"asks_delayed":2"#)
  }
}
