/// A lane's row after its call is settled, if the lane still wants something.
package struct LaneAfter: Hashable, Sendable {
  package var ready: Moment
  package let slot: Moment
  package var trials = Trials()
  package var error: String?
  /// The search for what was refused: the lanes that go together, and the most users per call.
  package var group: Int?
  package var peopleMax: Int?
  package var strikes = 0
  package var isProven = false
  /// The parcel to send again. Nil if the next one is packed from the asks.
  package var parcel: Parcel?

  package init(ready: Moment, slot: Moment) {
    self.ready = ready
    self.slot = slot
  }
}

extension ClaimedLane {
  /// `call` is the number of the call. If the call never left, the lane keeps the slot it had.
  package func after(_ fate: Fate, in call: Int, slot: Moment?, reason: String) -> LaneAfter {
    var after = LaneAfter(ready: slot ?? self.slot, slot: slot ?? self.slot)
    after.trials = trials
    after.strikes = strikes
    after.isProven = isProven
    after.peopleMax = peopleMax
    if peopleMax != nil { after.group = Self.group(0, of: call) }
    switch fate {
    case .delivered:
      after.trials = Trials()
      after.isProven = peopleMax != nil
      // The call succeeded, so the refused user is among the others. The next call has twice as
      // many.
      after.peopleMax = peopleMax.map { $0 * 2 }
      if after.peopleMax ?? Preview.peoplePerCall >= Preview.peoplePerCall { after.endIsolation() }
      return after
    case .again(let ready, let trials, let parcel):
      after.ready = max(ready, after.slot)
      after.trials = trials
      after.group = group
      after.parcel = parcel
    case .suspect(let part, let ready, let trials):
      after.ready = max(ready, after.slot)
      after.trials = trials
      after.group = Self.group(part, of: call)
    case .narrower(let peopleMax):
      after.group = Self.group(0, of: call)
      after.peopleMax = peopleMax
    case .peopleRefused(_, let strikes, _): after.strikes = strikes
    case .apart: after.trials = Trials()
    case .dead, .tokenRefused, .laneDead:
      after.trials = Trials()
      return after
    }
    after.error = reason
    return after
  }

  /// A call has at most ten lanes, so it splits into at most ten groups.
  private static let groupsPerCall = 16

  private static func group(_ part: Int, of call: Int) -> Int { call &* groupsPerCall &+ part }
}

extension LaneAfter {
  /// Combines what is left of the lane's asks with those that came while it was in flight.
  package func joined(isLeft: Bool, isFollowed: Bool) -> LaneAfter {
    var next = self
    if isFollowed { next.trials.attempts = min(trials.attempts, RetryPolicy.attemptsKept) }
    if !isLeft {
      // Only new asks are left, so the lane starts from scratch.
      next.endIsolation()
      next.trials = Trials()
      next.error = nil
    }
    return next
  }

  fileprivate mutating func endIsolation() {
    group = nil
    peopleMax = nil
    strikes = 0
    isProven = false
  }
}
