import Planning

/// The asks of a lane that one of its calls carried: those that are open, belong to its round or an earlier
/// one, and name the lane. An ask that names another lane was moved here by hand. It does not end with this
/// lane; the next search for stray asks finds it.
struct CarriedAsks {
  let lane: Int
  let name: String
  let round: Int
  /// The call that decides; nil when none was needed.
  let call: Int?
}

extension WorkerStore {
  /// Everybody in `reached` has been reached: asks that want nobody else are delivered. Answers whom
  /// the others still want.
  func deliver(
    _ asks: CarriedAsks, _ reached: Audience, _ lane: ClaimedLane, account: Int, at now: Moment,
    _ settled: inout Settled
  ) throws(SQLiteError) -> Audience? {
    guard !lane.sent.wants.isSubset(of: reached) else {
      try endDelivered(asks, at: now, &settled)
      return nil
    }
    var left = Audience.nobody
    for (id, wanted) in try audiences(wantedBy: asks, within: lane.sent.wants, at: now) {
      let rest = wanted.subtracting(reached)
      if rest.isEmpty {
        try endDelivered(asks, audience: id, at: now, &settled)
      } else {
        try want(rest, insteadOf: id, asks, account: account, at: now)
        left = left.union(rest)
      }
    }
    return left.isEmpty ? nil : left
  }

  /// The people in `refused` were refused while others were not: asks go on without them and
  /// remember them; an ask for nobody else is dead. `wants` is what the lane wanted. Answers whom the
  /// asks still want.
  func refuse(
    _ asks: CarriedAsks, _ refused: Audience, of wants: Audience, reason: String, account: Int,
    at now: Moment, _ settled: inout Settled
  ) throws(SQLiteError) -> Audience? {
    guard case .people(let people) = refused else {
      preconditionFailure("everyone was refused as a person")
    }
    var left = Audience.nobody
    for (id, wanted) in try audiences(wantedBy: asks, within: wants, at: now) {
      let rest = wanted.subtracting(refused)
      for person in people where rest != wanted && wanted.includes(person) {
        try remember(refusal: person, reason: reason, of: id, asks)
      }
      if rest.isEmpty {
        try endDelivered(asks, audience: id, at: now, &settled)
      } else {
        if rest != wanted { try want(rest, insteadOf: id, asks, account: account, at: now) }
        left = left.union(rest)
      }
    }
    return left.isEmpty ? nil : left
  }

  private func remember(
    refusal person: String, reason: String, of audience: Int, _ asks: CarriedAsks
  ) throws(SQLiteError) {
    try db.execute(
      """
      update ask set
        refused = json_insert(
          case when refused is null or not json_valid(refused) then '[]' else refused end,
          '$[#]', ?5),
        reason = 'refused for some of its open_ids, see the column refused: ' || ?6
      where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3 and audience_id = ?4
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .int(audience), .text(person),
      .text(reason))
  }

  func end(
    _ asks: CarriedAsks, _ outcome: String, reason: String, at now: Moment
  ) throws(SQLiteError) {
    try db.execute(
      """
      update ask set outcome = ?4, reason = ?5, ended_ms = ?6, call_id = ?7
      where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .text(outcome), .text(reason),
      .int(now), .of(asks.call))
  }

  /// The audiences of the asks. Each must be a part of what the lane wanted: an ask with another one was
  /// changed by hand and is folded again.
  private func audiences(
    wantedBy asks: CarriedAsks, within wants: Audience, at now: Moment
  ) throws(SQLiteError) -> [(id: Int, wanted: Audience)] {
    let ids = try db.all(
      """
      select distinct audience_id from ask
      where lane_id = ? and outcome is null and round <= ? and lane = ?
      """, .int(asks.lane), .int(asks.round), .text(asks.name)
    ) { (row) throws(SQLiteError) in row.optionalInt(0) }
    return try believed(ids, of: asks.lane, within: wants, at: now)
  }

  private func want(
    _ rest: Audience, insteadOf id: Int, _ asks: CarriedAsks, account: Int, at now: Moment
  ) throws(SQLiteError) {
    try db.execute(
      """
      update ask set audience_id = ?5
      where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3 and audience_id = ?4
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .int(id),
      .int(try number(of: rest, account: account, at: now)))
  }

  /// An ask of which somebody was refused has not been delivered, although all others were reached.
  func endDelivered(
    _ asks: CarriedAsks, audience: Int? = nil, at now: Moment, _ settled: inout Settled
  ) throws(SQLiteError) {
    let refused = try db.first(
      """
      select ifnull(reason, 'refused for some of its open_ids, see the column refused') from ask
      where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3 and refused is not null
        and audience_id = ifnull(?4, audience_id) limit 1
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .of(audience)
    ) { (row) throws(SQLiteError) in row.text(0) }
    if let refused { settled.dead.append((asks.name, refused)) }
    try db.execute(
      """
      update ask set outcome = iif(refused is null, 'delivered', 'dead'),
        reason = iif(refused is null, reason,
          ifnull(reason, 'refused for some of its open_ids, see the column refused')),
        audience_id = iif(refused is null, audience_id, null), ended_ms = ?5, call_id = ?6
      where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3
        and audience_id = ifnull(?4, audience_id)
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .of(audience), .int(now),
      .of(asks.call))
  }
}

/// Lanes may hold so many asks that ending all of them at once would keep others from writing for long.
extension WorkerStore {
  private static let asksAtOnce = 500
  /// Of one lane in a call of ten.
  private static let asksOfALane = 50

  /// Whether one of a call's lanes holds more asks than are ended together with the call.
  package func holdsManyAsks(_ flight: Flight) throws(SQLiteError) -> Bool {
    for lane in flight.lanes {
      let isLong = try db.first(
        """
        select 1 from ask indexed by asks_of_a_lane where lane_id = ? and outcome is null
        limit 1 offset ?
        """, .int(lane.sent.id), .int(Self.asksOfALane)
      ) { (row) throws(SQLiteError) in true }
      if isLong == true { return true }
    }
    return false
  }

  /// Ends some of the asks that end with this call. False when none does.
  package func endAhead(
    _ flight: Flight, _ ruling: Ruling, reason: String, at now: Moment
  ) throws(SQLiteError) -> Bool {
    var left = Self.asksAtOnce
    for (lane, fate) in zip(flight.lanes, flight.endings(ruling)) where left > 0 {
      let through = fate == .laneDead ? Int.max : lane.round
      let asks = CarriedAsks(
        lane: lane.sent.id, name: lane.name, round: through, call: flight.id)
      switch fate {
      case .none: continue
      case .delivered: left -= try end(asks, "delivered", reason: nil, atMost: left, at: now)
      case .dead, .laneDead:
        left -= try end(asks, "dead", reason: reason, atMost: left, at: now)
      }
    }
    return left < Self.asksAtOnce
  }

  /// Those of whom somebody was refused are left.
  private func end(
    _ asks: CarriedAsks, _ outcome: String, reason: String?, atMost limit: Int, at now: Moment
  ) throws(SQLiteError) -> Int {
    try db.execute(
      """
      update ask set outcome = ?4, reason = ?5, ended_ms = ?6, call_id = ?7
      where id in (
        select id from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null and round <= ?2 and lane = ?3 and refused is null
        limit ?8)
      """, .int(asks.lane), .int(asks.round), .text(asks.name), .text(outcome), .of(reason),
      .int(now), .of(asks.call), .int(limit))
    return db.changes
  }
}

extension Flight {
  fileprivate enum Ending {
    case none, delivered, dead, laneDead
  }

  /// How all asks of each lane end with this call, where they do.
  fileprivate func endings(_ ruling: Ruling) -> [Ending] {
    switch (cargo, ruling) {
    case (.shared(let call), .shared(let settlement)):
      zip(lanes, settlement.fates).map { lane, fate in
        switch fate {
        case .delivered where lane.sent.wants.isSubset(of: call.audience): .delivered
        case .dead: .dead
        default: .none
        }
      }
    case (.parcel, .parcel(_, .laneDead)): [.laneDead]
    default: []
    }
  }
}
