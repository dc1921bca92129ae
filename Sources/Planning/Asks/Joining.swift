/// The state of a lane when a new ask arrives for it.
package struct FoundLane: Hashable, Sendable {
  package enum State: Hashable, Sendable { case idle, waiting, inFlight }

  package let state: State
  package let slot: Moment
  package let attempts: Int
  /// When the lane's asks must be checked again.
  package let expires: Moment?

  package init(state: State, slot: Moment, attempts: Int = 0, expires: Moment? = nil) {
    self.state = state
    self.slot = slot
    self.attempts = attempts
    self.expires = expires
  }
}

/// What an ask changes in the lane it joins.
package enum Joining: Hashable, Sendable {
  /// The lane wanted nothing. It starts from scratch: its earlier failures are forgotten.
  case begins(ready: Moment)
  /// The lane is waiting or in flight, and keeps its place.
  case joins(attempts: Int, expires: Moment?)

  /// `lane` is nil if the lane does not exist yet. `isShared` means that the asks of a lane merge
  /// into one audience and the lane shares calls with others. In the other kinds, attempts are
  /// counted for each parcel.
  package init(
    _ lane: FoundLane?, asked: Moment, expires: Moment?, isShared: Bool, at now: Moment
  ) {
    guard let lane else {
      self = .begins(ready: asked)
      return
    }
    if lane.state == .idle {
      // A row that was changed by hand must not block the lane forever.
      let isPossible = lane.slot <= now + Pace.longestWait
      self = .begins(ready: max(asked, isPossible ? lane.slot : now + Pace.safeWait))
      return
    }
    // A new ask gets some attempts of its own, even in a lane that has failed many times.
    let hasOwn = isShared && lane.state == .waiting
    self = .joins(
      attempts: hasOwn ? min(lane.attempts, RetryPolicy.attemptsKept) : lane.attempts,
      expires: [lane.expires, expires].compactMap { $0 }.min())
  }
}
