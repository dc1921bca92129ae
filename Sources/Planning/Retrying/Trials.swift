/// What has gone wrong for a lane since something of it was last accepted.
package struct Trials: Hashable, Sendable {
  /// What its failures are evidence of. A failure with other evidence starts a new count.
  package var evidence: Evidence?
  /// Failures that count against it.
  package var attempts = 0
  /// When its last call failed, and when the first of the current series did.
  package var failedAt: Moment?
  package var failingSince: Moment?
  /// Calls in a row that were refused for being too many.
  package var limits = 0

  package init(
    evidence: Evidence? = nil, attempts: Int = 0, failedAt: Moment? = nil,
    failingSince: Moment? = nil, limits: Int = 0
  ) {
    self.evidence = evidence
    self.attempts = attempts
    self.failedAt = failedAt
    self.failingSince = failingSince
    self.limits = limits
  }

  /// The trials after another failure. Whether that was the lane's own is decided elsewhere.
  package func failing(_ evidence: Evidence, at now: Moment) -> Trials {
    let isSame = self.evidence == evidence
    return Trials(
      evidence: evidence, attempts: isSame ? attempts : 0, failedAt: now,
      failingSince: isSame ? failingSince ?? now : now)
  }

  /// The trials after a call was refused for being too many, which says nothing about its content.
  package var limited: Trials {
    var next = self
    next.limits += 1
    return next
  }
}

/// What failures show.
package enum Evidence: Int, Hashable, Sendable {
  /// Nothing is known to be wrong with the content: an outage or an internal error.
  case ofNothing
  /// An undocumented code, for this lane alone.
  case undocumented
  /// A documented "this content is wrong", for this lane alone.
  case ofContent
}

/// Nothing dies because of an outage, and what can never be accepted is not sent forever.
package enum Retrying {
  /// How long a lane waits before it is tried again. The wait grows with the failures of its own.
  /// While it is unclear whose they are, it grows with how long the lane has been failing.
  package static func wait(
    after evidence: Evidence, _ trials: Trials, at now: Moment, dice: UInt64
  ) -> Span {
    let failing = min(RetryPolicy.longestWait(evidence), trials.failingSince.map { now - $0 } ?? 0)
    return max(
      RetryPolicy.lane.wait(afterFailures: max(trials.attempts, 1), dice: dice),
      Backoff.part(of: failing, dice: dice))
  }

  /// What follows from another failure of a lane. `recoveredAt` is when something on the channel
  /// first succeeded after the channel's last failure. `isAlone` means that nothing else waits
  /// there and nothing else has been refused since.
  package static func after(
    _ evidence: Evidence, _ trials: Trials, recoveredAt: Moment, isAlone: Bool, at now: Moment
  ) -> (trials: Trials, isSpent: Bool) {
    var next = trials.failing(evidence, at: now)
    let wasItsOwn =
      trials.evidence == evidence && trials.failedAt.map { recoveredAt > $0 } ?? false
    switch evidence {
    case .ofNothing:
      if wasItsOwn { next.attempts += 1 }
      return (next, next.attempts + 1 >= RetryPolicy.attempts(evidence))
    case .undocumented:
      if wasItsOwn { next.attempts += 1 }
      let isOld = next.failingSince.map { now - $0 >= RetryPolicy.undocumentedIsBelieved } ?? false
      return (next, next.attempts + 1 >= RetryPolicy.attempts(evidence) || isOld)
    case .ofContent:
      next.attempts += 1
      return (next, next.attempts >= RetryPolicy.attempts(evidence) || isAlone)
    }
  }
}
