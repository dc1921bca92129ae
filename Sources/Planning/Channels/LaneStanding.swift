/// The state of a lane that wants something.
package struct LaneStanding: Hashable, Sendable {
  package enum State: Hashable, Sendable { case waiting, inFlight }

  package var state: State
  /// When it becomes due, and its slot: the earliest moment of its next call.
  package var ready: Moment
  package var slot: Moment
  /// Its last call failed.
  package var hasFailed: Bool
  /// It was in a refused call, and goes only with lanes that were in that call.
  package var isSuspected: Bool
  /// Another lane of the channel is due that goes first.
  package var isBehind: Bool
  package var turn: LaneTurn

  package init(
    state: State = .waiting, ready: Moment, slot: Moment = .zero, hasFailed: Bool = false,
    isSuspected: Bool = false, isBehind: Bool = false, turn: LaneTurn? = nil
  ) {
    self.state = state
    self.ready = ready
    self.slot = slot
    self.hasFailed = hasFailed
    self.isSuspected = isSuspected
    self.isBehind = isBehind
    self.turn = turn ?? LaneTurn(.ordinary, at: ready)
  }

  /// When the lane may go, if its channel opens at `channel`. The view `queue` gives the same
  /// result for each lane.
  package func opening(_ channel: Opening, at now: Moment) -> Opening {
    if state == .inFlight {
      var opening = Opening(at: now)
      opening.wait(for: .inFlight, until: nil)
      return opening
    }
    var opening = turn.urgency == .urgent ? channel.exceptReserve() : channel
    opening.wait(for: reason, until: ready)
    if ready <= now && isBehind { opening.letOthersGoFirst() }
    return opening
  }

  private var reason: Opening.Reason {
    if isSuspected { return .isolation }
    return hasFailed && ready > slot ? .backoff : .slot
  }
}
