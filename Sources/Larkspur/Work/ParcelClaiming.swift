import Planning

extension WorkerStore {
  /// Opens a call with the lane whose turn it is and packs its parcel; nil when no lane has been due
  /// since `horizon`. If the lane turns out to need no call, the next one is tried, up
  /// to a limit for one turn.
  func claimParcel(
    _ channel: Channel, _ order: [Urgency], isProbe: Bool, _ terms: PackingTerms, at now: Moment,
    horizon: Moment, timeout: Span, _ settled: inout Settled
  ) throws(StoreError) -> ClaimedCall? {
    for _ in 0..<Self.lanesLookedAt {
      var next: ParcelLane?
      if isProbe { next = try parcelLane(channel, order, horizon: horizon, isUntried: true) }
      if next == nil { next = try parcelLane(channel, order, horizon: horizon) }
      guard let lane = next else { return nil }
      guard let parcel = try nextParcel(of: lane, channel.kind, terms, at: now, &settled) else {
        continue
      }
      return try claim(parcel, of: lane, channel, at: now, timeout: timeout)
    }
    return nil
  }

  private static let lanesLookedAt = 20

  /// Stores the bytes of a parcel before they are sent for the first time.
  package func keep(body: String, of call: ClaimedCall) throws(StoreError) {
    try db.execute(
      "update parcel set body = ? where lane_id = ?", .text(body), .int(call.lanes[0].id))
  }

  private struct ParcelLane {
    let id: Int
    let name: String
    let ready: Moment
    let slot: Moment
    let calls: Int
    let trials: Trials
    let memory: String
    let singleThrough: Int
    let turn: LaneTurn
  }

  private func parcelLane(
    _ channel: Channel, _ order: [Urgency], horizon: Moment, isUntried: Bool = false
  ) throws(StoreError) -> ParcelLane? {
    let lane = try laneInTurn(channel, order, horizon: horizon, isUntried: isUntried)
    guard let lane else { return nil }
    return try db.first(
      """
      select id, name, ready_ms, slot_ms, calls, memory, single_through, evidence, attempts, failed_ms,
        failing_ms, limits, urgent, spread_ms
      from lane where id = ?
      """, .int(lane)
    ) { (row) throws(StoreError) in
      ParcelLane(
        id: row.int(0), name: row.text(1), ready: row.moment(2), slot: row.moment(3),
        calls: row.bounded(4),
        trials: Trials(row, from: 7), memory: row.text(5), singleThrough: row.int(6),
        turn: LaneTurn(
          row.bool(12) ? .urgent : .ordinary, at: max(row.moment(2), row.moment(13))))
    }
  }

  /// The parcel that Feishu has not accepted yet, or a new one; nil when the lane needs no call
  /// now.
  private func nextParcel(
    of lane: ParcelLane, _ kind: Kind, _ terms: PackingTerms, at now: Moment,
    _ settled: inout Settled
  ) throws(StoreError) -> Parcel? {
    if let kept = try parcel(of: lane.id) {
      if kept.isKept(for: kind, asked: try moment(ofOldest: kept), at: now) { return kept }
      try put(nil, of: lane.id)
    }
    let waiting = try waitingAsksInPlace(
      of: lane.id, limit: kind.parcels.asksAtMost(terms), at: now)
    let lineup = Lineup(
      try waiting.map { (row) throws(StoreError) in
        LinedUpAsk(
          WaitingAsk(id: row.id, fields: try fields(in: row.body), wasSent: row.wasSent),
          asked: row.asked)
      }, of: kind, memory: try fields(in: lane.memory), apart: lane.singleThrough, terms, at: now)
    for ending in lineup.endings {
      try end(
        ending.asks, ending.isDead ? "dead" : "delivered", reason: ending.reason, call: nil, at: now
      )
      if ending.isDead { settled.dead.append((lane.name, ending.reason)) }
    }
    if let parcel = lineup.parcel { return parcel }
    if try hasWaitingAsks(lane.id) {
      try refreshTimes(of: lane.id)
    } else {
      try idle([lane.id], slot: max(lane.slot, now))
      settled.idle += 1
    }
    return nil
  }

  /// When the oldest ask of the parcel was made; nil if the ask is gone.
  private func moment(ofOldest parcel: Parcel) throws(StoreError) -> Moment? {
    guard let oldest = parcel.asks.min() else { return nil }
    return try db.first("select asked_ms from ask where id = ?", .int(oldest)) {
      (row) throws(StoreError) in self.clocks.queue(row.wallMoment(0))
    }
  }

  private func claim(
    _ parcel: Parcel, of lane: ParcelLane, _ channel: Channel, at now: Moment, timeout: Span
  ) throws(StoreError) -> ClaimedCall {
    try db.execute(
      "insert into call (account_id, api, lanes, started_ms, urgent) values (?, ?, ?, ?, ?)",
      .int(channel.account), .text(channel.kind.rawValue), .text(Self.list([lane.id])), .of(now),
      .int(lane.turn.urgency.rawValue))
    let call = db.lastInsertID
    given.note(call: call)
    given.note(lane: lane.id)
    let memory = channel.kind.parcels.memory(try fields(in: lane.memory), sending: parcel)
    try db.execute(
      """
      update lane set state = 'in_flight', call_id = ?2, last_call = ?2, slot_ms = ?3, memory = ?4,
        calls = calls + 1
      where id = ?1
      """, .int(lane.id), .int(call),
      .of(channel.kind.rules.pace.slot(started: now, timeout: timeout)),
      .text(JSONText.harmless(JSONText.object(memory))))
    try put(parcel, of: lane.id)
    let claimed = ClaimedLane(
      id: lane.id, name: lane.name, callNumber: lane.calls + 1, trials: lane.trials,
      ready: lane.ready, slot: lane.slot, turn: lane.turn, wants: .nobody)
    return ClaimedCall(
      id: call, channel: channel, opener: lane.turn, started: now, timeout: timeout,
      lanes: [claimed],
      load: .parcel(parcel, memory: memory))
  }
}
