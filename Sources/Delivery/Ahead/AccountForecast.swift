import Larkspur
import Planning

/// When an account will have nothing left to send.
package struct AccountForecast: Sendable {
  package enum Outcome: Sendable {
    case empty(at: Moment)
    /// More is asked for than can be sent: lanes a second.
    case growing(perSecond: Double)
    /// Nothing goes until a person acts.
    case stalled(Opening.Reason)
  }

  package let name: String
  package let outcome: Outcome
  package let isEstimate: Bool
  package let calls: Int
  package let lanes: Int
  /// What its calls wait for longest.
  package let decides: Opening.Reason?
  package let quota: QuotaForecast

  package init(
    _ account: StoredAccount, _ foresight: Foresight, _ figures: BacklogFigures
  ) throws(StoreError) {
    name = account.name
    let backlog = figures.backlogs[account.id] ?? Backlog()
    lanes = backlog.lanes.values.reduce(0, +)
    quota = QuotaForecast(account, backlog, figures)
    let drain = try Drain(account, foresight, backlog, monthEnds: figures.monthEnds)
    if let why = Self.stalled(account), lanes > 0 {
      (outcome, isEstimate, calls, decides) = (.stalled(why), false, 0, why)
      return
    }
    let growth = backlog.lanesPerSecond - drain.lanesPerSecond
    if growth > 0, drain.emptyAt - foresight.now > Self.sustained {
      (outcome, isEstimate, calls, decides) =
        (.growing(perSecond: growth), true, drain.calls, drain.decides)
      return
    }
    (isEstimate, calls, decides) = (!drain.isExact, drain.calls, drain.decides)
    outcome = .empty(at: drain.emptyAt)
  }

  /// What is gone sooner is a burst, however fast it arrives.
  private static let sustained: Span = .minutes(1)

  private static func stalled(_ account: StoredAccount) -> Opening.Reason? {
    if account.isConfigured == false { return .unconfigured }
    if account.isParked { return .parked }
    return account.lacksSecret ? .credentials : nil
  }
}

/// How much of its monthly quota an account will have used.
package struct QuotaForecast: Sendable {
  /// Nil if the configuration names none.
  package let most: Int?
  package let used: Int
  /// At the end of the month, at the pace of the last seven days.
  package let projected: Int
  /// When it will be used up, if that is before the end of the month.
  package let endsAt: Moment?

  init(_ account: StoredAccount, _ backlog: Backlog, _ figures: BacklogFigures) {
    most = account.monthlyQuota
    used = backlog.monthCalls
    projected = used + backlog.pace.expected(within: figures.monthEnds - figures.now)
    if let most, projected > most, let left = backlog.pace.time(for: most - used) {
      endsAt = figures.now + left
    } else {
      endsAt = nil
    }
  }
}

/// What waits in an account, and how fast it is asked for and sent.
package struct Backlog: Sendable {
  package var lanes: [Kind: Int] = [:]
  /// How many lanes are usually asked for. A single burst does not count.
  package var lanesPerSecond = 0.0
  package var monthCalls = 0
  /// Of calls that count for the quota.
  package var pace = CallPace(calls: 0, since: nil, at: .zero)

  package init() {}
}

package struct BacklogFigures: Sendable {
  package var backlogs: [Int: Backlog] = [:]
  package var now: Moment
  package var monthEnds: Moment

  package init(now: Moment, monthEnds: Moment) {
    self.now = now
    self.monthEnds = monthEnds
  }
}
