/// A lane as an ask that comes in finds it.
package struct FoundLane: Hashable, Sendable {
  package enum State: Hashable, Sendable { case idle, waiting, inFlight }

  package let state: State
  package let slot: Moment
  package let attempts: Int
  /// When its asks must be looked at again.
  package let expires: Moment?

  package init(state: State, slot: Moment, attempts: Int = 0, expires: Moment? = nil) {
    self.state = state
    self.slot = slot
    self.attempts = attempts
    self.expires = expires
  }
}

/// What an ask changes of the lane that it joins.
package enum Joining: Hashable, Sendable {
  /// The lane wanted nothing: it does from now on, and all that it has been through is forgotten.
  case begins(ready: Moment)
  /// The lane waits or is in flight, and keeps its place.
  case joins(attempts: Int, expires: Moment?)

  /// Nil for a lane that does not exist yet. `isShared`: what the asks of a lane want becomes one, which goes in
  /// calls with other lanes. Where it goes in parcels, the attempts are the parcel's own.
  package init(
    _ lane: FoundLane?, asked: Moment, expires: Moment?, isShared: Bool, at now: Moment
  ) {
    guard let lane else {
      self = .begins(ready: asked)
      return
    }
    if lane.state == .idle {
      // A row that was changed by hand must not keep the lane for ever.
      let isPossible = lane.slot <= now + Pace.longestWait
      self = .begins(ready: max(asked, isPossible ? lane.slot : now + Pace.safeWait))
      return
    }
    // Whoever joins a lane that has often failed has some attempts of its own.
    let hasOwn = isShared && lane.state == .waiting
    self = .joins(
      attempts: hasOwn ? min(lane.attempts, RetryPolicy.attemptsKept) : lane.attempts,
      expires: [lane.expires, expires].compactMap { $0 }.min())
  }
}
