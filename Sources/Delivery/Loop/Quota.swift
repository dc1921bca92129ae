import Larkspur
import Planning

/// An account's own quota of calls a month, over all APIs that have one.
extension Worker {
  /// The month that the wall clock shows.
  func month(at now: Moment) -> Int { quotaMonth(of: now + store.skew_ms) }

  /// When it is over.
  func monthEnd(at now: Moment) -> Moment {
    nextQuotaMonth(after: now + store.skew_ms) - store.skew_ms
  }

  /// The month has ended, or the clock was set: every line counts for another one from now on.
  func turnMonths(at now: Moment) throws(SQLiteError) {
    let month = month(at: now)
    if state.month == month { return }
    state.month = month
    for gate in state.lines.keys {
      state.lines[gate]?.turnMonth(to: month, ends: monthEnd(at: now), at: now)
    }
    for (id, account) in state.accounts where account.settings.monthlyQuota != nil {
      try showQuota(of: id, at: now)
    }
    for gate in state.lines.keys { try saveBudget(of: gate) }
  }

  /// Shows a used-up quota as a pause, and ends that pause when there are calls left.
  func showQuota(of account: Int, at now: Moment) throws(SQLiteError) {
    let end = quotaEnd(of: account, at: now)
    for gate in Self.gatesWithQuota(of: account) where state.lines[gate] != nil {
      if let end {
        state.lines[gate]?.pause(until: end, why: Self.quotaIsSpent)
      } else if state.lines[gate]?.record.pausedWhy == Self.quotaIsSpent {
        state.lines[gate]?.endPause()
      }
      try saveBudget(of: gate)
    }
  }

  private static let quotaIsSpent = "the account's quota of calls a month is used up"

  /// When the account may make calls again, if its own quota is used up.
  func quotaEnd(of account: Int, at now: Moment) -> Moment? {
    guard let quota = state.accounts[account]?.settings.monthlyQuota else { return nil }
    let months = Self.gatesWithQuota(of: account).compactMap { state.lines[$0]?.record.months }
    if months.reduce(0, { $0 + $1.shown.calls }) >= quota { return monthEnd(at: now) }
    let fullest = months.map { $0.fullest(at: now) }
    guard fullest.reduce(0, { $0 + $1.calls }) >= quota else { return nil }
    return zip(months, fullest).filter { $0.shown != $1 }.map(\.1.ends).min()
  }

  private static func gatesWithQuota(of account: Int) -> [Gate] {
    Kind.allCases.filter(\.hasQuota).map { Gate(account: account, kind: $0) }
  }
}

extension Line {
  mutating func turnMonth(to month: Int, ends: Moment, at now: Moment) {
    if month == record.months.shown.number { return }
    let isEmpty = record.months.shown.calls == 0 && record.months.other == nil
    record.months.turn(to: month, ends: ends, at: now)
    monthTurned = now
    // An empty count is not worth writing down.
    if isEmpty { recordOnDisk.months = record.months }
  }

  mutating func countCall(monthEnds: Moment, at now: Moment) {
    record.months.count(ends: monthEnds, at: now)
  }

  /// Calls that never left, and calls that failed with 4xx or 5xx, do not count. In which months one was
  /// counted is not known once the month has changed.
  mutating func uncountCall(started: Moment) {
    if started >= monthTurned { record.months.giveBack() }
  }
}
