/// How a channel fares: what has failed there since something last succeeded. It outlives the run, so
/// that the short runs of a cron job add up.
package struct Health: Hashable, Sendable {
  /// Calls in a row that failed whatever they carried, or were one too many.
  package var failures = 0
  /// Calls that were refused for what they carried.
  package var refusals = 0
  /// The lane that all of these carried; nil when they were several.
  package var refusedLane: Int?
  /// Lanes, or parcels, that have died, and those under suspicion.
  package var deaths = 0
  /// The lanes of which only a suspicion has been counted.
  package var suspects: [Int] = []
  /// Calls that were to show whether it works again, and failed; nil while none is needed.
  package var probes: Int?
  /// When the last of them failed. Calls that had started before belong to that failure: five that are
  /// refused at once are one.
  package var failedAt: Moment = .zero
  /// The first success after the last failure.
  package var recoveredAt: Moment = .zero
  /// Since when answers come that are not Feishu's.
  package var foreignSince: Moment?

  package init() {}

  package var deathsLeft: Int { max(0, RetryPolicy.deaths - deaths) }

  package var isFailing: Bool {
    failures > 0 || refusals > 0 || deaths > 0 || probes != nil || foreignSince != nil
  }

  /// What is sent is refused, whatever it is: one lane at a time, another one each time, shows whether
  /// that is over. Not where the host has failed since: then nothing is known of what is sent.
  package var isRefusing: Bool { probes != nil && refusals > 0 && failures == 0 }

  /// A run that has an end does not wait for it.
  package var isHopeless: Bool {
    probes ?? 0 >= RetryPolicy.probesOfARun || failures >= RetryPolicy.failuresOfARun
  }

  /// Something got through.
  package mutating func succeeded(at now: Moment) {
    guard isFailing else { return }
    let last = failedAt
    self = Health()
    failedAt = last
    recoveredAt = now
  }
}

/// What a failed call says of its channel.
package enum Failing: Hashable, Sendable {
  /// It never left.
  case unreachable
  /// The host did not do its part.
  case host
  case foreign
  /// One call too many.
  case limit
  /// Something in these lanes was refused.
  case refusal(lanes: [Int], isDocumented: Bool)
}

extension Health {
  /// Takes note of a failed call, and answers for how long the channel is to be left alone, if it is.
  package mutating func failed(
    _ failing: Failing, started: Moment, at now: Moment, dice: UInt64
  ) -> Span? {
    noteForeign(failing, at: now)
    let isNew = started >= failedAt
    if isNew { failedAt = now }
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

  /// Only what is foreign in a row shows that something else stands there. After a while in which nothing
  /// was sent it is not known to have stood there all the time.
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
      // One lane waits by itself. Whatever else is asked for goes at once, and shows how things are.
      if refusedLane != nil && deaths < RetryPolicy.deaths { return nil }
      let pauses = RetryPolicy.refusalPauses
      return pauses[min(probes ?? 0, pauses.count - 1)]
    }
  }

  private mutating func hostPause(after failures: Int, _ dice: UInt64) -> Span {
    probes = probes ?? 0
    return RetryPolicy.leastPause + RetryPolicy.host.wait(afterFailures: failures, dice: dice)
  }

  /// What answers here is something else than Feishu, and has been for so long that it will not pass.
  /// Where nothing has ever been heard of Feishu, sooner: the address was wrong from the beginning.
  package func isElsewhere(isProven: Bool, at now: Moment) -> Bool {
    guard let foreignSince else { return false }
    return now - foreignSince >= RetryPolicy.foreign
      || (!isProven && probes ?? 0 >= RetryPolicy.probesOfARun)
  }
}
