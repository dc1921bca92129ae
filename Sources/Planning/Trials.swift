/// What a lane has been through since something of it was last accepted.
package struct Trials: Hashable, Sendable {
  /// Failures after which something else on the channel went through, so that they were the lane's own.
  package var attempts = 0
  /// When its last call failed, and the first of them in a row.
  package var failedAt: Moment?
  package var failingSince: Moment?
  /// Calls in a row that were refused for being one too many.
  package var limits = 0

  package init(
    attempts: Int = 0, failedAt: Moment? = nil, failingSince: Moment? = nil, limits: Int = 0
  ) {
    self.attempts = attempts
    self.failedAt = failedAt
    self.failingSince = failingSince
    self.limits = limits
  }

  /// After another failure. It says nothing of whether that was the lane's own.
  package func failing(at now: Moment) -> Trials {
    Trials(attempts: attempts, failedAt: now, failingSince: failingSince ?? now)
  }

  /// After another refusal that has nothing to do with what was sent.
  package var limited: Trials {
    var next = self
    next.limits += 1
    return next
  }
}

/// How often something is tried before it is given up, by what its failures show.
package enum Evidence: Hashable, Sendable {
  /// Nothing is known to be wrong with what was sent: an outage, an internal error.
  case ofNothing
  /// A code that nobody has documented, for this lane alone.
  case undocumented
  /// A documented "this content is wrong", for this lane alone.
  case ofContent

  /// Failures that are the lane's own, the last one included, before it is given up.
  var attemptsMax: Int {
    switch self {
    case .ofNothing: 8
    case .undocumented, .ofContent: 4
    }
  }
}

/// Nobody dies of an outage, and what can never be accepted is not sent for ever.
package enum Retrying {
  /// An undocumented code that has come for so long, with nothing to compare it with, is believed.
  package static let patience: Span = .days(1)

  /// What joins a lane that has often failed has some attempts of its own.
  package static let attemptsKept = 2

  /// How long a lane waits before it is tried again: the longer, the more failures were its own; and
  /// where nobody can tell, as long as it has been failing. In an outage it is the channel that waits
  /// for long; a code that nobody has documented may be this lane's alone, for a day.
  package static func wait(
    after evidence: Evidence, _ trials: Trials, at now: Moment, dice: UInt64
  ) -> Span {
    let longest: Span = evidence == .undocumented ? .minutes(10) : .minutes(1)
    let failing = min(longest, trials.failingSince.map { now - $0 } ?? 0)
    return max(
      Backoff.lane.wait(afterFailures: max(trials.attempts, 1), dice: dice),
      Backoff.part(of: failing, dice: dice))
  }

  /// What follows from another failure of a lane. `recoveredAt` is when something on the channel first
  /// succeeded after the channel's last failure; `isAlone` says that nothing else waits there and that
  /// nothing else has been refused since.
  package static func after(
    _ evidence: Evidence, _ trials: Trials, recoveredAt: Moment, isAlone: Bool, at now: Moment
  ) -> (trials: Trials, isSpent: Bool) {
    var next = trials.failing(at: now)
    let wasItsOwn = trials.failedAt.map { recoveredAt > $0 } ?? false
    switch evidence {
    case .ofNothing:
      if wasItsOwn { next.attempts += 1 }
      return (next, next.attempts + 1 >= evidence.attemptsMax)
    case .undocumented:
      if wasItsOwn { next.attempts += 1 }
      let isOld = next.failingSince.map { now - $0 >= patience } ?? false
      return (next, next.attempts + 1 >= evidence.attemptsMax || isOld)
    case .ofContent:
      next.attempts += 1
      return (next, next.attempts >= evidence.attemptsMax || isAlone)
    }
  }
}
