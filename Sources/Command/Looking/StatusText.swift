import Planning
import Terminal

/// Text for people.
extension StatusFigures {
  /// Asks, lanes and accounts. `lastLook` is how long ago a worker looked.
  func lines(lastLook: Span?) -> [[String]] {
    var lines = [
      ["asks", asks],
      ["lanes", lanes],
      [
        "oldest",
        oldestWait_ms.map { "waiting for \(describeDuration($0))" } ?? "nothing pending",
      ],
    ]
    let tenants = ManyTenants(accounts)
    for account in accounts where !tenants.hold(account) {
      lines += Self.description(of: account, lastLook: lastLook)
    }
    return lines + tenants.lines
  }

  private var asks: String {
    let known = "\(grouped(newAsks)) new, \(grouped(delayedAsks)) delayed"
    return expiredAsks == 0 ? known : known + ", \(grouped(expiredAsks)) expired"
  }

  /// The counts that are always of interest, and the others if they are not zero.
  private var lanes: String {
    var parts = ["\(grouped(ready)) ready", "\(grouped(waiting)) waiting"]
    if paused > 0 { parts.append("\(grouped(paused)) paused") }
    if parked > 0 { parts.append("\(grouped(parked)) parked") }
    parts.append("\(grouped(inFlight)) in flight")
    parts.append("\(grouped(dead)) dead")
    return parts.joined(separator: ", ")
  }

  private static func description(of account: Account, lastLook: Span?) -> [[String]] {
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
    let holder =
      switch account.holder {
      case nil: ""
      case .nobody: "; no worker holds it"
      case .worker(let name): "; held by \(printable(name))"
      }
    var lines = [["account", "\(printable(account.name)): \(state); \(calls)\(holder)"]]
    if let why = account.why { lines.append(["", printable(why)]) }
    if let age = account.ticketAge {
      lines.append(["", ticket(of: account, age, lastLook: lastLook)])
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
    of account: Account, _ age: Span, lastLook: Span?
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
}

/// JSON for programs.
extension StatusFigures {
  var counts: [(String, JSONObject.Value)] {
    [
      (
        "asks",
        .object(
          JSONObject([
            ("new", .int(newAsks)), ("delayed", .int(delayedAsks)), ("expired", .int(expiredAsks)),
          ]))
      ),
      (
        "lanes",
        .object(
          JSONObject([
            ("ready", .int(ready)), ("waiting", .int(waiting)), ("paused", .int(paused)),
            ("parked", .int(parked)), ("in_flight", .int(inFlight)), ("dead", .int(dead)),
          ]))
      ),
      ("oldest_wait_ms", .of(oldestWait_ms)),
    ]
  }

  var listOfAccounts: JSONObject.Value { .list(accounts.map(Self.object)) }

  private static func object(_ account: Account) -> JSONObject {
    let holder: [(String, JSONObject.Value)] =
      switch account.holder {
      case nil: []
      case .nobody: [("worker", .null)]
      case .worker(let name): [("worker", .text(name))]
      }
    return JSONObject(
      [
        ("account", .text(account.name)),
        ("state", .text(account.state)),
        ("paused_until", UTCText.iso8601(.of(account.pausedUntil))),
        ("paused_calls", .of(account.pausedAPIs)),
        ("parked", .of(account.trouble)),
        ("why", .of(account.why)),
        ("calls_last_minute", .int(account.callsLastMinute)),
        ("calls_this_month", .int(account.callsThisMonth)),
        ("ticket_age_ms", .of(account.ticketAge)),
      ] + holder)
  }
}
