import Planning

extension WorkerStore {
  /// Records what became of a parcel, and goes on with what waits behind it. `result` is what the
  /// answer says the lane now is, as JSON.
  func settle(
    _ flight: Flight, _ sent: SentParcel, slot: Moment?, _ fate: ParcelFate, reason: String,
    result: String?, at now: Moment
  ) throws(SQLiteError) -> Settled {
    var settled = Settled()
    let lane = flight.lanes[0]
    var after = LaneAfterParcel(slot: slot ?? lane.sent.slot)
    switch fate {
    case .delivered:
      try end(sent.parcel.asks, "delivered", reason: nil, call: flight.id, at: now)
      let answered = try result.map { (text) throws(SQLiteError) in try fields(in: text) } ?? [:]
      let memory = flight.channel.kind.memory(
        sent.memory, accepted: sent.parcel, answered: answered)
      try db.execute(
        "update lane set memory = ?, result = ifnull(?, result) where id = ?",
        .text(JSONText.harmless(JSONText.object(memory))), .of(result), .int(lane.sent.id))
    case .again(let ready, let trials, let parcel):
      after.ready = ready
      after.trials = trials
      after.parcel = parcel
      after.error = reason
    case .apart:
      try db.execute(
        "update lane set apart = ? where id = ?", .of(sent.parcel.asks.max()), .int(lane.sent.id))
      after.error = reason
    case .dead(let mayHaveBeenApplied):
      let reason = mayHaveBeenApplied ? "\(reason); it may have been applied all the same" : reason
      try end(sent.parcel.asks, "dead", reason: reason, call: flight.id, at: now)
      settled.dead.append((lane.name, reason))
      settled.losses.certain.append(lane.sent.id)
    case .laneDead:
      let asks = CarriedAsks(
        lane: lane.sent.id, name: lane.name, round: .max, call: flight.id)
      try kill(asks, reason: reason, at: now)
      settled.dead.append((lane.name, reason))
      settled.losses.certain.append(lane.sent.id)
    }
    try put(after, lane.sent.id, &settled)
    return settled
  }

  private struct LaneAfterParcel {
    let slot: Moment
    var ready: Moment = .zero
    var trials = Trials()
    var parcel: Parcel?
    var error: String?
  }

  private func put(
    _ after: LaneAfterParcel, _ lane: Int, _ settled: inout Settled
  ) throws(SQLiteError) {
    guard try hasWaitingAsks(lane) else {
      // Its asks were deleted, so there is nothing to repeat.
      try put(nil, of: lane)
      settled.idle += 1
      try idle(lane, slot: after.slot)
      return
    }
    try put(after.parcel, of: lane)
    try db.execute(
      """
      update lane set state = 'waiting', call_id = null, follow_id = null, ready_ms = ?2, slot_ms = ?3,
        attempts = ?4, error = ?5, failed_ms = ?6, failing_ms = ?7, limits = ?8,
        evidence = ?9
      where id = ?1
      """, .int(lane), .of(max(after.ready, after.slot)), .of(after.slot),
      .int(after.trials.attempts),
      .of(after.error), .of(after.trials.failedAt), .of(after.trials.failingSince),
      .int(after.trials.limits), .of(after.trials.evidence?.rawValue))
    try refreshTimes(of: lane)
  }
}
