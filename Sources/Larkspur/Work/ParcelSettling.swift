import Planning

extension WorkerStore {
  /// Records what became of a parcel, and lets the asks behind it go next. `result` is the lane's
  /// new state as the answer gives it, in JSON.
  func settle(
    _ parcel: Parcel, _ memory: Fields, of call: ClaimedCall, _ settlement: Settlement,
    reason: String, result: String?, at now: Moment
  ) throws(StoreError) -> Settled {
    var settled = Settled()
    let (lane, fate) = (call.lanes[0], settlement.fates[0])
    switch fate {
    case .delivered:
      try end(parcel.asks, "delivered", reason: nil, call: call.id, at: now)
      let answered = try result.map { (text) throws(StoreError) in try fields(in: text) } ?? [:]
      let known = call.channel.kind.parcels.memory(memory, accepted: parcel, answered)
      try db.execute(
        "update lane set memory = ?, result = ifnull(?, result) where id = ?",
        .text(JSONText.harmless(JSONText.object(known))), .of(result), .int(lane.id))
    case .apart:
      try db.execute(
        "update lane set single_through = ? where id = ?", .of(parcel.asks.max()), .int(lane.id))
    case .dead(let mayHaveBeenApplied):
      let reason = mayHaveBeenApplied ? "\(reason); it may have been applied anyway" : reason
      try end(parcel.asks, "dead", reason: reason, call: call.id, at: now)
      settled.dead.append((lane.name, reason))
    case .laneDead:
      try kill(CarriedAsks(lane, in: call, andFollowers: true), reason: reason, at: now)
      settled.dead.append((lane.name, reason))
    case .again, .suspect, .narrower, .peopleRefused, .tokenRefused: break
    }
    settled.losses = Losses(settlement, of: call.lanes, died: [])
    try put(lane.after(fate, in: call.id, slot: settlement.slot, reason: reason), lane.id, &settled)
    return settled
  }

  private func put(
    _ after: LaneAfter, _ lane: Int, _ settled: inout Settled
  ) throws(StoreError) {
    guard try hasWaitingAsks(lane) else {
      // All its asks have ended or were deleted, so there is nothing to send or repeat.
      try put(nil, of: lane)
      settled.idle += 1
      try idle([lane], slot: after.slot)
      return
    }
    try put(after.parcel, of: lane)
    try db.execute(
      """
      update lane set state = 'waiting', call_id = null, follow_id = null, ready_ms = ?2, slot_ms = ?3,
        attempts = ?4, error = ?5, failed_ms = ?6, failing_ms = ?7, limits = ?8,
        evidence = ?9
      where id = ?1
      """, .int(lane), .of(after.ready), .of(after.slot), .int(after.trials.attempts),
      .of(after.error), .of(after.trials.failedAt), .of(after.trials.failingSince),
      .int(after.trials.limits), .of(after.trials.evidence?.rawValue))
    try refreshTimes(of: lane)
  }
}
