import Larkspur
import Planning
import QueueAccess
import Terminal

/// `status`: the worker, the queue and the accounts.
struct Status {
  let queue: String
  let worker: WorkerReport
  let figures: StatusFigures

  static func run(_ global: GlobalOptions) throws(Failure) {
    if global.wantsJSON { UTCText.useUTC() }
    let place = try global.queue()
    let inspector = try place.inspector()
    let figures = try withSentences { () throws(QueueError) in
      try StatusFigures(inspector, account: global.account)
    }
    if let account = global.account, figures.accounts.isEmpty,
      figures.newAsks + figures.delayedAsks + figures.expiredAsks == 0
    {
      throw try Repair.unknown(account: account, in: inspector)
    }
    let worker = WorkerReport(
      queue: place.path, asksWait: figures.oldestUnseen_ms, account: global.account)
    let status = Status(queue: place.path, worker: worker, figures: figures)
    Output.result(global.wantsJSON ? status.object.text : status.text)
  }

  private var text: String {
    var lines = [["queue", "\(printable(queue)), schema \(figures.schema)"]]
    lines += worker.lines
    lines += [
      ["asks", asks],
      ["lanes", lanes],
      [
        "oldest",
        figures.oldestWait_ms.map { "waiting for \(describeDuration($0))" } ?? "nothing pending",
      ],
    ]
    let tenants = ManyTenants(figures.accounts)
    for account in figures.accounts where !tenants.hold(account) {
      lines += description(of: account)
    }
    lines += tenants.lines
    return Table(lines).text
  }

  private var asks: String {
    let known = "\(grouped(figures.newAsks)) new, \(grouped(figures.delayedAsks)) delayed"
    return figures.expiredAsks == 0 ? known : known + ", \(grouped(figures.expiredAsks)) expired"
  }

  /// The counts that are always of interest, and the others if they are not zero.
  private var lanes: String {
    var parts = ["\(grouped(figures.ready)) ready", "\(grouped(figures.waiting)) waiting"]
    if figures.paused > 0 { parts.append("\(grouped(figures.paused)) paused") }
    if figures.parked > 0 { parts.append("\(grouped(figures.parked)) parked") }
    parts.append("\(grouped(figures.inFlight)) in flight")
    parts.append("\(grouped(figures.dead)) dead")
    return parts.joined(separator: ", ")
  }

  private func description(of account: StatusFigures.Account) -> [[String]] {
    let calls =
      "\(counted(account.callsLastMinute, "call")) in the last minute, "
      + "\(grouped(account.callsThisMonth)) this month"
    var state =
      account.state == "unconfigured" ? "not in the worker's configuration" : account.state
    if let until = account.pausedUntil, let apis = account.pausedAPIs {
      // Every call needs an access token, so a pause of `auth` stops them all.
      let isWhole = apis.split(separator: ", ").contains("auth")
      state = (isWhole ? "" : "\(apis) calls ") + "paused until \(until)"
    }
    var lines = [["account", "\(printable(account.name)): \(state); \(calls)"]]
    if let why = account.why { lines.append(["", printable(why)]) }
    if let age = account.ticketAge {
      lines.append(["", Self.ticket(of: account, age, lastLook: worker.sinceLastLook)])
    }
    if let trouble = account.trouble.flatMap(Trouble.init) {
      lines.append([
        "", trouble.fix(account: printable(account.name), isTenant: account.isTenant),
      ])
    }
    return lines
  }

  /// A worker looks how old the ticket is. What has come since its last look is not known.
  private static func ticket(
    of account: StatusFigures.Account, _ age: Span, lastLook: Span?
  ) -> String {
    let text = "app ticket of \(describeDuration(age)) ago"
    guard let lastLook, age - lastLook <= Limits.ticketAge else {
      return lastLook == nil
        ? text + ", unless another one has come since a worker last looked"
        : text + "; Feishu pushes one every hour, so see that your backend gives it to: "
          + "larkspur ticket --app \(printable(account.name)) -"
    }
    return text
  }

  private var object: JSONObject {
    JSONObject([
      ("queue", .text(queue)),
      ("schema", .int(figures.schema)),
      ("worker", .of(worker.sight.owner)),
      (
        "asks",
        .object(
          JSONObject([
            ("new", .int(figures.newAsks)), ("delayed", .int(figures.delayedAsks)),
            ("expired", .int(figures.expiredAsks)),
          ]))
      ),
      (
        "lanes",
        .object(
          JSONObject([
            ("ready", .int(figures.ready)), ("waiting", .int(figures.waiting)),
            ("paused", .int(figures.paused)), ("parked", .int(figures.parked)),
            ("in_flight", .int(figures.inFlight)), ("dead", .int(figures.dead)),
          ]))
      ),
      ("oldest_wait_ms", .of(figures.oldestWait_ms)),
      ("heartbeat", .object(worker.object)),
      ("accounts", .list(figures.accounts.map(Self.object))),
    ])
  }

  private static func object(_ account: StatusFigures.Account) -> JSONObject {
    JSONObject([
      ("account", .text(account.name)),
      ("state", .text(account.state)),
      ("paused_until", UTCText.iso8601(.of(account.pausedUntil))),
      ("paused_calls", .of(account.pausedAPIs)),
      ("parked", .of(account.trouble)),
      ("why", .of(account.why)),
      ("calls_last_minute", .int(account.callsLastMinute)),
      ("calls_this_month", .int(account.callsThisMonth)),
      ("ticket_age_ms", .of(account.ticketAge)),
    ])
  }
}
