/// What has failed on a channel since its last success. It is kept between runs, so that the short
/// runs of a cron job add up.
package struct Health: Hashable, Sendable {
  /// Failed calls in a row that say nothing about their content, including calls refused because
  /// there were too many.
  package var failures = 0
  /// Calls that were refused because of their content.
  package var refusals = 0
  /// The lane that all refused calls carried. Nil if there were several.
  package var refusedLane: Int?
  /// Lanes or parcels that have died, plus those under suspicion.
  package var deaths = 0
  /// The lanes that are counted in `deaths` only because of a suspicion.
  package var suspects: [Int] = []
  /// Trial calls that failed. Nil while no trial is needed.
  package var probes: Int?
  /// When the last of them failed. Calls that started earlier belong to that failure: five calls in
  /// flight that are refused together count once.
  package var failedAt: Moment = .zero
  /// The first success after the last failure.
  package var recoveredAt: Moment = .zero
  /// Since when the answers have not come from Feishu.
  package var foreignSince: Moment?

  package init() {}

  package var deathsLeft: Int { max(0, RetryPolicy.deaths - deaths) }

  package var isFailing: Bool {
    failures > 0 || refusals > 0 || deaths > 0 || probes != nil || foreignSince != nil
  }

  /// Everything sent is refused. Trial calls with one lane each, a different one each time, show
  /// when that is over. If the host has failed since, nothing is known about the content.
  package var isRefusing: Bool { probes != nil && refusals > 0 && failures == 0 }

  /// A run that ends by itself does not wait for this channel.
  package var isHopeless: Bool {
    probes ?? 0 >= RetryPolicy.probesOfARun || failures >= RetryPolicy.failuresOfARun
  }

  /// A call succeeded.
  package mutating func succeeded(at now: Moment) {
    guard isFailing else { return }
    let last = failedAt
    self = Health()
    failedAt = last
    recoveredAt = now
  }
}

/// What a failed call says about its channel.
package enum Failing: Hashable, Sendable {
  /// The call never left.
  case unreachable
  /// The host failed.
  case host
  case foreign
  /// Too many calls.
  case limit
  /// Something in these lanes was refused.
  case refusal(lanes: [Int], isDocumented: Bool)
}

extension Health {
  /// Records a failed call. Returns how long the channel has to pause, or nil if it does not.
  package mutating func failed(
    _ failing: Failing, started: Moment, at now: Moment, dice: UInt64
  ) -> Span? {
    noteForeign(failing, at: now)
    let isNew = started >= failedAt
    if isNew { failedAt = now }
    if case .refusal = failing, !mayBeRefusing { probes = nil }
    switch failing {
    case .unreachable, .host, .foreign, .limit:
      if isNew || failures == 0 { failures += 1 }
    case .refusal(let lanes, _):
      failures = 0
      let lane = lanes.count == 1 ? lanes.first : nil
      refusedLane = refusals == 0 || refusedLane == lane ? lane : nil
      if isNew || refusals == 0 { refusals += 1 }
    }
    if isNew, failing != .limit, let probes { self.probes = probes + 1 }
    return pause(failing, dice: dice)
  }

  /// Whether trial calls may be for what is refused. Otherwise they were for a host that did not answer, and say nothing
  /// of the content: counted on, the first refusal after an outage would stop everything for minutes.
  private var mayBeRefusing: Bool {
    refusals > min(RetryPolicy.refusalsExcused, RetryPolicy.failuresExcused)
      || deaths >= RetryPolicy.deaths
  }

  /// Only an unbroken series of foreign answers shows that something else has taken Feishu's place.
  /// After a gap without calls the series starts again, because it is unknown what answered
  /// meanwhile.
  private mutating func noteForeign(_ failing: Failing, at now: Moment) {
    guard failing == .foreign else { return foreignSince = nil }
    if foreignSince != nil, now - failedAt < RetryPolicy.foreignGap { return }
    foreignSince = now
    failures = 0
    probes = nil
  }

  private mutating func pause(_ failing: Failing, dice: UInt64) -> Span? {
    switch failing {
    case .limit:
      return RetryPolicy.leastPause + RetryPolicy.limit.wait(afterFailures: failures, dice: dice)
    case .unreachable, .foreign: return hostPause(after: failures, dice)
    case .host:
      let excused = RetryPolicy.failuresExcused
      return failures > excused ? hostPause(after: failures - excused, dice) : nil
    case .refusal(_, let isDocumented):
      let patience =
        isDocumented ? RetryPolicy.refusalsExcused : RetryPolicy.failuresExcused
      let isLong = refusals > patience && !(isDocumented && refusedLane != nil)
      guard isLong || deaths >= RetryPolicy.deaths || probes != nil else { return nil }
      defer { probes = probes ?? 0 }
      // A single refused lane waits on its own. Anything else that is asked for goes at once and
      // shows whether the channel works.
      if refusedLane != nil && deaths < RetryPolicy.deaths { return nil }
      let pauses = RetryPolicy.refusalPauses
      return pauses[min(probes ?? 0, pauses.count - 1)]
    }
  }

  private mutating func hostPause(after failures: Int, _ dice: UInt64) -> Span {
    probes = probes ?? 0
    return RetryPolicy.leastPause + RetryPolicy.host.wait(afterFailures: failures, dice: dice)
  }

  /// Something other than Feishu answers here, and has for so long that it will not pass by itself.
  /// If Feishu has never answered here, that is decided sooner: the address was wrong from the
  /// start.
  package func isElsewhere(isProven: Bool, at now: Moment) -> Bool {
    guard let foreignSince else { return false }
    return now - foreignSince >= RetryPolicy.foreign
      || (!isProven && probes ?? 0 >= RetryPolicy.probesOfARun)
  }
}
