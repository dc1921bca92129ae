/// What a lane has been through since something of it was last accepted.
package struct Trials: Hashable, Sendable {
  /// What its failures are evidence of. Those of one kind say nothing about another.
  package var evidence: Evidence?
  /// Failures that count against it.
  package var attempts = 0
  /// When its last call failed, and the first of them in a row.
  package var failedAt: Moment?
  package var failingSince: Moment?
  /// Calls in a row that were refused for being one too many.
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

  /// After another failure. It says nothing of whether that was the lane's own.
  package func failing(_ evidence: Evidence, at now: Moment) -> Trials {
    let isSame = self.evidence == evidence
    return Trials(
      evidence: evidence, attempts: isSame ? attempts : 0, failedAt: now,
      failingSince: isSame ? failingSince ?? now : now)
  }

  /// After another refusal that has nothing to do with what was sent.
  package var limited: Trials {
    var next = self
    next.limits += 1
    return next
  }
}

/// What failures show.
package enum Evidence: Int, Hashable, Sendable {
  /// Nothing is known to be wrong with what was sent: an outage, an internal error.
  case ofNothing
  /// A code that nobody has documented, for this lane alone.
  case undocumented
  /// A documented "this content is wrong", for this lane alone.
  case ofContent
}

/// Nobody dies of an outage, and what can never be accepted is not sent for ever.
package enum Retrying {
  /// How long a lane waits before it is tried again: the longer, the more failures were its own; and where
  /// nobody can tell, as long as it has been failing.
  package static func wait(
    after evidence: Evidence, _ trials: Trials, at now: Moment, dice: UInt64
  ) -> Span {
    let failing = min(RetryPolicy.longestWait(evidence), trials.failingSince.map { now - $0 } ?? 0)
    return max(
      RetryPolicy.lane.wait(afterFailures: max(trials.attempts, 1), dice: dice),
      Backoff.part(of: failing, dice: dice))
  }

  /// What follows from another failure of a lane. `recoveredAt` is when something on the channel first
  /// succeeded after the channel's last failure; `isAlone` says that nothing else waits there and that
  /// nothing else has been refused since.
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
