import Larkspur
import Planning

/// Months, by which Feishu counts calls.
extension Worker {
  /// The month that the wall clock shows. The channels may still count for the one before, until the next
  /// turn.
  func shownMonth(at now: Moment) -> QuotaMonth {
    let wall = store.clocks.wall(now)
    return QuotaMonth(
      number: quotaMonth(of: wall), ends: store.clocks.queue(nextQuotaMonth(after: wall)))
  }

  /// The month has ended, or the clock was set: every channel counts for another one from now on.
  func turnMonths(at now: Moment) throws(StoreError) {
    let (last, month) = (state.month, shownMonth(at: now))
    if last.number != month.number {
      state.month = month
      for id in accounts.keys {
        accounts[id].forEachChannel {
          $0.turnMonth(to: month.number, ends: month.ends, at: now)
        }
        try showQuota(of: id, at: now)
      }
    } else if abs(last.ends - month.ends) > .seconds(1) {
      // The same month ends at another moment, on a clock that was set.
      state.month = month
      for id in accounts.keys where accounts[id].settings.monthlyQuota != nil {
        try showQuota(of: id, at: now)
      }
    }
  }

  /// Shows a used-up quota as a pause, and ends that pause when there are calls left.
  func showQuota(of account: Int, at now: Moment) throws(StoreError) {
    if accounts[account].settings.monthlyQuota != nil {
      accounts[account].showQuota(state.month, at: now)
    }
    try saveBudgets(of: account, at: now)
  }
}
