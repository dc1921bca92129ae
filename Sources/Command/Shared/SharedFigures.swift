import Larkspur
import Planning
import Terminal

/// The figures of `status`, read from a shared queue.
extension StatusFigures {
  /// Counts what is pending by its state. Returns for how long the lane that has been due longest could have gone.
  mutating func countLanes(
    _ account: String?, _ ask: SharedCommands.Ask
  ) throws(Failure) -> Span {
    var dueFor: Span = 0
    let states = try ask(
      """
      select state, count(*), sum(asks)::bigint,
        (extract(epoch from clock_timestamp() - min(earliest)) * 1000)::bigint,
        (extract(epoch from clock_timestamp() - min(due_at)) * 1000)::bigint
      from larkspur.open_lane
      where $1::text is null or account = $1
      group by state
      """, [account])
    for row in states.rows {
      let (lanes, asks) = (row[1].number, row[2].number)
      let state = Listing.State(rawValue: row[0].text)
      switch state {
      case .new: newAsks = asks
      case .delayed: delayedAsks = asks
      case .expired: expiredAsks = asks
      case .ready: ready = lanes
      case .waiting: waiting = lanes
      case .paused: paused = lanes
      case .parked: parked = lanes
      case .inFlight: inFlight = lanes
      case .dead, .idle, nil: continue
      }
      if state == .delayed || state == .expired { continue }
      oldestWait_ms = max(oldestWait_ms ?? 0, row[3].number)
      if state == .new || state == .ready { dueFor = max(dueFor, row[4].number) }
    }
    return dueFor
  }

  static func accounts(
    _ account: String?, _ ask: SharedCommands.Ask
  ) throws(Failure) -> [Account] {
    try ask(
      """
      select account, state, paused_until, paused_calls, trouble, why, last_minute, this_month, null, app, worker
      from larkspur.accounts
      where $1::text is null or account = $1
      """, [account]
    ).rows.map { row in
      var account = Account(row)
      account.holder = row[10].optionalText.map(Holder.worker) ?? .nobody
      return account
    }
  }
}
