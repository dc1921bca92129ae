import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// What keeps a lane, in words.
struct BlockerText {
  let facts: LaneFacts
  let forecast: LaneForecast?
  let viewpoint: Viewpoint

  struct Line {
    let name: String
    let text: String
    var decides = false
  }

  /// Each blocker, the one that decides last, and then what is free.
  func lines(_ inspector: borrowing Inspector) throws(Failure) -> [Line] {
    let blockers = forecast?.opening.because ?? []
    var lines = blockers.sorted { !$0.decides && $1.decides }.map { blocker in
      Line(
        name: name(of: blocker), text: summary(of: blocker),
        decides: blocker.decides)
    }
    let account = try ChannelFigures(facts, inspector, viewpoint)
    if !blockers.contains(where: { $0.reason == .budget }), let budget = account.budget {
      lines.append(Line(name: "budget", text: budget))
    }
    if let quota = account.quota, !blockers.contains(where: { $0.reason == .quota }) {
      lines.append(Line(name: "quota", text: quota))
    }
    return lines
  }

  /// The code in words, unless they would mislead about the cause: the worker that is there is stopped, or the
  /// network keeps it from an access token.
  private func name(of blocker: Opening.Blocker) -> String {
    switch blocker.reason {
    case .noWorker where viewpoint.silent != nil: "worker stopped"
    case .credentials where blocker.until != nil: "access token"
    default: blocker.reason.rawValue.replacing("_", with: " ")
    }
  }

  func summary(of blocker: Opening.Blocker) -> String {
    let until = blocker.until.map { " until \(viewpoint.time($0))" } ?? ""
    let account = printable(facts.account)
    return switch blocker.reason {
    case .delay: "asked for with a delay\(until)"
    case .slot: slot
    case .budget:
      blocker.until == nil
        ? "all calls that the limit allows are in flight" : "the limit is reached\(until)"
    case .quota: "the month's calls are used up\(until)"
    case .reserve: "the rest of the month's calls is kept for urgent asks\(until)"
    case .paused: "paused\(until)" + Self.because(facts.trouble.paused)
    case .parked:
      "the account is parked until you run 'larkspur resume \(account)'"
        + (blocker.until.map { "; next trial call \(viewpoint.time($0))" } ?? "")
        + Self.because(facts.trouble.parked)
    case .inFlight:
      facts.lastCall.map {
        "call \($0.id) left at \(viewpoint.time($0.started)) and is not answered"
      }
        ?? "its call is not answered"
    case .order:
      forecast?.place.map {
        "\(grouped($0)) lanes are urgent or have been due for longer and go first"
      }
        ?? "lanes that are urgent or have been due for longer go first"
    case .isolation: "was in a refused call; goes only with lanes of that call\(until)"
    case .backoff:
      "its last call failed; tried again\(until.isEmpty ? "" : " after the wait\(until)")"
    case .credentials: credentials(until: blocker.until)
    case .unconfigured: "account '\(account)' is not in the worker's configuration; add it"
    case .noWorker: absence
    }
  }

  private func credentials(until moment: Moment?) -> String {
    guard let moment else {
      return facts.trouble.paused.map(printable)
        ?? "no access token can be requested; see 'larkspur status'"
    }
    return outage.map { "no access token can be fetched until \(viewpoint.time(moment)); \($0)" }
      ?? "an access token is fetched first"
  }

  private var absence: String {
    if let silent = viewpoint.silent {
      return "the worker does not respond: \(WorkerReport.remedy(for: silent))"
    }
    guard case .shared(let holders) = viewpoint.work, !holders.isEmpty else {
      return WorkerReport.noWorker
    }
    return
      "no worker holds account '\(printable(facts.account))'; start one that has it in its configuration"
  }

  /// Why the worker cannot fetch a token just now.
  private var outage: String? {
    guard case .file(.worker(_, let heartbeat?)) = viewpoint.work else {
      // What paused the channel itself is told where the pause is.
      let isPaused = forecast?.opening.because.contains { $0.reason == .paused } ?? false
      return isPaused ? nil : facts.trouble.paused.map(printable)
    }
    let stuck = heartbeat.look.stuck.first {
      $0.account == facts.account && $0.reason != .parked && $0.calls == nil
    }
    return stuck.map { printable($0.sentence) }
  }

  /// What Feishu said.
  private static func because(_ why: String?) -> String { why.map { "; \(printable($0))" } ?? "" }

  private var slot: String {
    let pace = facts.kind.rules.pace
    let apart = max(pace.afterAnswer, pace.afterStart) / 1_000
    let rule = apart > 0 ? "; one call per \(apart) s" : ""
    guard let call = facts.lastCall else { return "it was in a call just now\(rule)" }
    guard let ended = call.ended else {
      return "call \(call.id) began at \(viewpoint.time(call.started))\(rule)"
    }
    return "last call \(call.id) answered \(viewpoint.time(ended))\(rule)"
  }

  var worker: String {
    switch viewpoint.work {
    case .file(.nobody): "none"
    case .file(.hidden): "cannot be seen by this user"
    case .file(.worker(let owner, nil)): printable(owner)
    case .file(.worker(_, let heartbeat?)):
      "pid \(heartbeat.pid), last look "
        + describeDuration(max(0, viewpoint.reading.sinceBoot - heartbeat.look.sinceBoot)) + " ago"
    case .shared(let holders):
      holders[facts.account].map { $0.sight } ?? "none holds the account"
    }
  }
}

/// How much of its limits and its quota a channel has used.
struct ChannelFigures {
  private(set) var budget: String?
  private(set) var quota: String?

  init(
    _ facts: LaneFacts, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint
  ) throws(Failure) {
    let month = quotaMonth(of: viewpoint.clocks.wall(viewpoint.now))
    let rows = try withSentences { () throws(QueueError) in
      try inspector.rows(
        """
        select limits ->> ('$.' || ?2 || '[0][0]'), limits ->> ('$.' || ?2 || '[0][1]'),
          (select count(*) from call indexed by calls_of_a_budget
            where call.account_id = account.id and api = ?2
              and started_ms > ?3 - (limits ->> ('$.' || ?2 || '[0][1]'))),
          limits ->> '$.monthly_quota',
          (select ifnull(sum(month_calls), 0) from budget
            where budget.account_id = account.id and month = ?4
              and api in (select name from kind where has_quota))
        from account where name = ?1
        """,
        [.text(facts.account), .text(facts.kind.rawValue), .of(viewpoint.now), .int(month)]
      ).rows
    }
    guard let row = rows.first else { return }
    if case .int(let calls) = row[0], case .int(let span) = row[1] {
      let used = min(row[2].number, calls)
      budget =
        "free: \(grouped(calls - used)) of \(counted(calls, "call")) in the last "
        + (span == 1_000 ? "second" : describeDuration(span))
    }
    if case .int(let most) = row[3], facts.kind.rules.hasQuota {
      quota = "\(grouped(row[4].number)) of \(counted(most, "call")) this month"
    }
  }
}
