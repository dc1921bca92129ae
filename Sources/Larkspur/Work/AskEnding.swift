import Planning

/// The asks of a lane that one of its calls carried: those that are open, belong to its round or an earlier
/// one, and name the lane. An ask that names another lane was moved here by hand. It does not end with this
/// lane; the next search for stray asks finds it.
struct CarriedAsks {
  let lane: Int
  let name: String
  var round: Int
  /// The call that decides; nil when none was needed.
  let call: Int?
}

extension CarriedAsks {
  init(_ lane: ClaimedLane, in flight: Flight) {
    self.init(lane: lane.sent.id, name: lane.name, round: lane.round, call: flight.id)
  }
}

extension WorkerStore {
  func kill(_ asks: CarriedAsks, reason: String, at now: Moment) throws(SQLiteError) {
    try db.execute(
      """
      update ask set outcome = 'dead', reason = ?4, ended_ms = ?5, call_id = ?6
      where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .text(reason), .of(now),
      .of(asks.call))
  }
}

/// An answer while it is being written down. A call may end thousands of asks, and to end them all at once would
/// keep others from writing for long.
package struct SettlingAhead: Sendable {
  /// What the answer means. Later, with other circumstances, it might mean something else.
  package let ruling: Ruling
  /// By lane.
  var reviews: [Int: AskReview] = [:]

  package init(_ ruling: Ruling) { self.ruling = ruling }
}

extension WorkerStore {
  private static let asksAtOnce = 500
  /// Some milliseconds, in the measure of a review.
  package static let workAtOnce = 5_000

  /// Ends asks that end with this call, as many as there is time for. True when the rest of it can be written
  /// down.
  package func endAsks(
    of flight: Flight, _ ahead: inout SettlingAhead, reason: String, _ work: inout Int,
    at now: Moment
  ) throws(SQLiteError) -> Bool {
    switch (flight.cargo, ahead.ruling) {
    case (.shared(let call), .shared(let settlement)):
      for (lane, fate) in zip(flight.lanes, settlement.fates) {
        let review =
          ahead.reviews.removeValue(forKey: lane.sent.id)
          ?? review(of: lane, after: fate, call, in: flight, reason: reason)
        if var review {
          let isOver = try goOn(&review, &work, at: now)
          ahead.reviews[lane.sent.id] = review
          if !isOver { return false }
        } else if case .dead = fate,
          try !killSome(of: lane, in: flight, reason: reason, at: now)
        {
          return false
        }
      }
      return true
    case (.parcel, .parcel(_, .laneDead)):
      return try killSome(of: flight.lanes[0], in: flight, reason: reason, at: now)
    default: return true
    }
  }

  /// What a lane's asks have to be gone through for; nil where they all end or none does.
  func review(
    of lane: ClaimedLane, after fate: Fate, _ call: SentCall, in flight: Flight, reason: String
  ) -> AskReview? {
    let done: AskReview.Done
    switch fate {
    case .delivered: done = .reached(call.audience)
    case .peopleRefused(let people, _, _): done = .refused(people, reason: reason)
    default: return nil
    }
    return AskReview(
      CarriedAsks(lane, in: flight), account: flight.channel.account, of: lane.sent.wants, done)
  }

  /// True when that were all.
  private func killSome(
    of lane: ClaimedLane, in flight: Flight, reason: String, at now: Moment
  ) throws(SQLiteError) -> Bool {
    var asks = CarriedAsks(lane, in: flight)
    // A card that is gone takes along what waits behind the call.
    if case .parcel = flight.cargo { asks.round = .max }
    try db.execute(
      """
      update ask set outcome = 'dead', reason = ?4, ended_ms = ?5, call_id = ?6
      where id in (
        select id from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3 limit ?7)
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .text(reason), .of(now),
      .of(asks.call), .int(Self.asksAtOnce))
    return db.changes < Self.asksAtOnce
  }
}
