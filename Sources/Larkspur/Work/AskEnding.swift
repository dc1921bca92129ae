import Planning

/// The asks of a lane that one of its calls carried: open asks that name the lane, and whose first
/// call is this one or an earlier one. An ask that names another lane was moved here by hand; it
/// does not end with this lane, and the next search for stray asks finds it.
struct CarriedAsks {
  let lane: Int
  let name: String
  var callNumber: Int
  /// The call that decides; nil when none was needed.
  let call: Int?
}

extension CarriedAsks {
  /// With `andFollowers`, includes what was asked of the lane since the call began.
  init(_ lane: ClaimedLane, in call: ClaimedCall, andFollowers: Bool = false) {
    self.init(
      lane: lane.id, name: lane.name, callNumber: andFollowers ? .max : lane.callNumber,
      call: call.id)
  }
}

extension WorkerStore {
  func kill(_ asks: CarriedAsks, reason: String, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update ask set outcome = 'dead', reason = ?4, ended_ms = ?5, call_id = ?6
      where lane_id = ?1 and outcome is null and first_call <= ?2 and lane = ?3
      """, .int(asks.lane), .int(asks.callNumber), .text(asks.name), .text(reason), .of(now),
      .of(asks.call))
  }
}

/// An answer that is being stored. A call may end thousands of asks, and ending all at once would
/// keep other programs from writing for long.
package struct SettlingAhead: Sendable {
  /// What the answer means. It is decided only once: later, in other circumstances, it might mean
  /// something else.
  package let settlement: Settlement
  /// By lane; empty before the first part.
  var reviews: [Int: AskReview] = [:]
  fileprivate var isBegun = false

  package init(_ settlement: Settlement) { self.settlement = settlement }
}

extension WorkerStore {
  private static let asksAtOnce = 500
  /// Some milliseconds, in the units that a review counts.
  package static let workAtOnce = 5_000

  /// Ends asks that end with this call, as many as `work` allows. True once the lanes themselves
  /// can be settled.
  package func endAsks(
    of call: ClaimedCall, _ ahead: inout SettlingAhead, reason: String, _ work: inout Int,
    at now: Moment
  ) throws(StoreError) -> Bool {
    if !ahead.isBegun {
      ahead.isBegun = true
      for (lane, fate) in zip(call.lanes, ahead.settlement.fates) {
        ahead.reviews[lane.id] = review(of: lane, after: fate, in: call, reason)
      }
      try begin(&ahead.reviews, &work, at: now)
    }
    for (lane, fate) in zip(call.lanes, ahead.settlement.fates) {
      switch fate {
      case .dead where call.audience != nil, .tokenRefused, .laneDead:
        if try !killSome(of: lane, after: fate, in: call, reason: reason, at: now) { return false }
      default:
        // Taken out of the dictionary, because changing it there would copy it with all that it
        // holds.
        guard var review = ahead.reviews.removeValue(forKey: lane.id) else { continue }
        let isOver = try goOn(&review, &work, at: now)
        ahead.reviews[lane.id] = review
        if !isOver { return false }
      }
    }
    return true
  }

  /// The review that a lane's asks need; nil if they all end or none does.
  func review(
    of lane: ClaimedLane, after fate: Fate, in call: ClaimedCall, _ reason: String
  ) -> AskReview? {
    guard let audience = call.audience else { return nil }
    let done: Done
    switch fate {
    case .delivered: done = .reached(audience)
    case .peopleRefused(let people, _, _): done = .refused(people, reason: reason)
    default: return nil
    }
    return AskReview(
      CarriedAsks(lane, in: call), account: call.channel.account, of: lane.wants, done)
  }

  /// True if those were the last ones.
  private func killSome(
    of lane: ClaimedLane, after fate: Fate, in call: ClaimedCall, reason: String, at now: Moment
  ) throws(StoreError) -> Bool {
    let asks = CarriedAsks(lane, in: call, andFollowers: fate == .laneDead)
    try db.execute(
      """
      update ask set outcome = 'dead', reason = ?4, ended_ms = ?5, call_id = ?6
      where id in (
        select id from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null and first_call <= ?2 and lane = ?3 limit ?7)
      """, .int(asks.lane), .int(asks.callNumber), .text(asks.name), .text(reason), .of(now),
      .of(asks.call), .int(Self.asksAtOnce))
    return db.changes < Self.asksAtOnce
  }
}
