/// The state of a lane when a new ask arrives for it.
package struct FoundLane: Hashable, Sendable {
  package enum State: Hashable, Sendable { case idle, waiting, inFlight }

  package let state: State
  package let slot: Moment
  package var standing: Standing

  /// What it has from all of its asks.
  package struct Standing: Hashable, Sendable {
    package var attempts: Int
    /// When the lane's asks must be checked again.
    package var expires: Moment?
    package var urgency: Urgency
    /// Zero unless all of its asks are parts of asks for many previews: then the earliest turn.
    package var spread: Moment

    package init(
      attempts: Int = 0, expires: Moment? = nil, urgency: Urgency = .ordinary,
      spread: Moment = .zero
    ) {
      self.attempts = attempts
      self.expires = expires
      self.urgency = urgency
      self.spread = spread
    }
  }

  package init(state: State, slot: Moment, _ standing: Standing = Standing()) {
    self.state = state
    self.slot = slot
    self.standing = standing
  }
}

/// What an ask changes in the lane it joins.
package enum Joining: Hashable, Sendable {
  /// The lane wanted nothing. It starts from scratch: its earlier failures are forgotten.
  case begins(ready: Moment)
  /// The lane is waiting or in flight, and keeps its place.
  case joins(FoundLane.Standing)

  /// `lane` is nil if the lane does not exist yet. `isShared` means that the asks of a lane merge
  /// into one audience and the lane shares calls with others. In the other kinds, attempts are
  /// counted for each parcel.
  package init(
    _ lane: FoundLane?, asked: Moment, expires: Moment?, urgency: Urgency = .ordinary,
    spread: Moment = .zero, isShared: Bool, at now: Moment
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
    var standing = lane.standing
    if hasOwn { standing.attempts = min(standing.attempts, RetryPolicy.attemptsKept) }
    standing.expires = [standing.expires, expires].compactMap { $0 }.min()
    if urgency == .urgent { standing.urgency = .urgent }
    standing.spread = min(standing.spread, spread)
    self = .joins(standing)
  }
}
