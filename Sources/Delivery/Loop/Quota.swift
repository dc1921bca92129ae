import Larkspur
import Planning

/// The months by which Feishu counts calls.
extension Worker {
  /// The month according to the wall clock. Until the next turn, channels may still count for the
  /// month before.
  func shownMonth(at now: Moment) -> QuotaMonth {
    let wall = store.clocks.wall(now)
    return QuotaMonth(
      number: quotaMonth(of: wall), ends: store.clocks.queue(nextQuotaMonth(after: wall)))
  }

  /// Makes every channel count for another month if the month has ended or the clock was set.
  func turnMonths(at now: Moment) {
    let (last, month) = (state.month, shownMonth(at: now))
    if last.number != month.number {
      state.month = month
      for id in accounts.keys {
        accounts[id].forEachChannel {
          $0.turnMonth(to: month.number, ends: month.ends, at: now)
        }
        showQuota(of: id, at: now)
      }
    } else if abs(last.ends - month.ends) > .seconds(1) {
      // The clock was set, so the same month ends at another moment.
      state.month = month
      for id in accounts.keys where accounts[id].settings.monthlyQuota != nil {
        showQuota(of: id, at: now)
      }
    }
  }

  /// Shows a used-up quota as a pause, and ends that pause when there are calls left.
  func showQuota(of account: Int, at now: Moment) {
    if accounts[account].settings.monthlyQuota != nil {
      accounts[account].showQuota(state.month, at: now)
    }
    state.unsaved.insert(account)
  }
}
