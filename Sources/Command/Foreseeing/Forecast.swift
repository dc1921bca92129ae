import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `forecast`: when each account will have nothing left to send, and whether its quota will last.
enum Forecast {
  static func run(_ global: GlobalOptions) throws(Failure) {
    let inspector = try global.queue().inspector()
    try run(global, inspector, try Viewpoint(inspector))
  }

  static func run(
    _ global: GlobalOptions, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint,
    paces: BacklogFigures.Paces? = nil
  ) throws(Failure) {
    if let account = global.account { try viewpoint.expect(account, inspector) }
    let forecasts = try withSentences { () throws(QueueError) in
      let foresight = try Foresight(
        queue: inspector.path, account: global.account, calls: Foresight.far,
        isRunning: viewpoint.isRunning, viewpoint.reading)
      var figures = try BacklogFigures(inspector, account: global.account, viewpoint)
      if let paces { figures.use(paces, of: foresight.accounts) }
      do throws(StoreError) {
        try foresight.rehearsal.run(callsMost: Foresight.far)
        return try foresight.accounts.map { (account) throws(StoreError) in
          try AccountForecast(account, foresight, figures)
        }
      } catch {
        throw QueueError(error, path: inspector.path)
      }
    }
    for forecast in forecasts {
      Output.result(
        global.wantsJSON ? forecast.object(viewpoint).text : forecast.text(viewpoint))
    }
    if forecasts.isEmpty { global.say("no accounts: nothing was ever asked for") }
    try viewpoint.sayWhoIsUnseen(inspector, global)
    global.say(viewpoint.assumptions)
  }
}

extension AccountForecast {
  fileprivate func text(_ viewpoint: Viewpoint) -> String {
    var parts: [String] = []
    switch outcome {
    case .empty where lanes == 0: parts.append("empty")
    case .empty(let at):
      let about = isEstimate ? "about " : ""
      parts.append("empty \(about)at \(viewpoint.time(at)), \(viewpoint.wait(until: at))")
      parts.append("\(counted(lanes, "lane")) in \(about)\(counted(calls, "call"))")
      if let decides { parts.append("\(Self.describe(decides)) decides") }
      if let outage = viewpoint.outage(of: name) { parts.append("stuck now: \(outage)") }
    case .growing(let perSecond):
      let tenths = Int(perSecond * 10)
      parts.append("growing, \(tenths / 10).\(tenths % 10)/s: will not drain")
      parts.append(counted(lanes, "lane"))
    case .stalled(let why):
      parts.append("stalled: \(describe(why))")
      parts.append(counted(lanes, "lane"))
    }
    if let quota = quota.text(viewpoint) { parts.append(quota) }
    return "\(printable(name)): \(parts.joined(separator: "; "))"
  }

  private static func describe(_ reason: Opening.Reason) -> String {
    switch reason {
    case .budget: "the rate limit"
    case .quota: "the monthly quota"
    case .reserve: "the part of the quota that is kept for urgent asks"
    case .delay: "a delay that was asked for"
    case .slot: "the pace of a lane"
    case .paused: "a pause"
    case .credentials: "fetching an access token"
    case .backoff: "the wait after a failed call"
    default: reason.rawValue.replacing("_", with: " ")
    }
  }

  private func describe(_ why: Opening.Reason) -> String {
    switch why {
    case .parked: "parked; run 'larkspur resume \(printable(name))' once it is fixed"
    case .credentials: "no access token can be requested; see 'larkspur status'"
    case .unconfigured: "not in the worker's configuration; add it"
    default: why.rawValue.replacing("_", with: " ")
    }
  }

  fileprivate func object(_ viewpoint: Viewpoint) -> JSONObject {
    var state = "empty"
    var (emptyAt, growth, reason): (Moment?, Double?, String?) = (nil, nil, nil)
    switch outcome {
    case .empty(let at): emptyAt = at
    case .growing(let perSecond): (state, growth) = ("growing", perSecond)
    case .stalled(let why): (state, reason) = ("stalled", why.rawValue)
    }
    return JSONObject([
      ("account", .text(name)),
      ("state", .text(state)),
      ("empty_at", .of(emptyAt.map(viewpoint.rfc3339))),
      ("estimate", .json("\(isEstimate)")),
      ("calls", .int(calls)),
      ("lanes", .int(lanes)),
      ("decides", .of(decides?.rawValue)),
      ("growth_per_second", growth.map { .real($0) } ?? .null),
      ("stalled_by", .of(reason)),
      ("quota", .of(quota.most)),
      ("quota_used", .int(quota.used)),
      ("quota_projected", .int(quota.projected)),
      ("quota_ends_at", .of(quota.endsAt.map(viewpoint.rfc3339))),
    ])
  }
}

extension Viewpoint {
  /// What keeps the calls of an account from Feishu, as the worker said when it looked last. A forecast
  /// assumes that it is over.
  fileprivate func outage(of account: String) -> String? {
    guard case .file(let sight) = work else { return nil }
    let stuck = sight.heartbeat?.look.stuck.first {
      $0.account == account && [.unreachable, .failing].contains($0.reason)
    }
    return stuck.map { printable($0.sentence) }
  }
}

extension QuotaForecast {
  fileprivate func text(_ viewpoint: Viewpoint) -> String? {
    guard let most else { return nil }
    let end =
      endsAt.map { "used up \(viewpoint.time($0)) at this pace" }
      ?? "\(grouped(projected)) by the end of the month at this pace"
    return "quota \(grouped(used)) of \(grouped(most)), \(end)"
  }
}
