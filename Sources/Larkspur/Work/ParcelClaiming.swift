import Planning

extension WorkerStore {
  /// Opens a call with the lane that has been due longest and packs what it carries; nil when no lane
  /// has been due since `horizon`. A lane that turns out to need no call is done, and the next one is
  /// looked at; a few of them are enough for one turn.
  func claimParcel(
    _ channel: Channel, isProbe: Bool, _ terms: PackingTerms, at now: Moment, horizon: Moment,
    timeout: Span, _ settled: inout Settled
  ) throws(StoreError) -> ClaimedCall? {
    for _ in 0..<Self.lanesLookedAt {
      var next: ParcelLane?
      if isProbe { next = try parcelLaneDueLongest(channel, horizon: horizon, isUntried: true) }
      if next == nil { next = try parcelLaneDueLongest(channel, horizon: horizon) }
      guard let lane = next else { return nil }
      guard let parcel = try nextParcel(of: lane, channel.kind, terms, at: now, &settled) else {
        continue
      }
      return try claim(parcel, of: lane, channel, at: now, timeout: timeout)
    }
    return nil
  }

  private static let lanesLookedAt = 20

  /// Keeps the bytes of a parcel as they are about to be sent for the first time.
  package func keep(body: String, of call: ClaimedCall) throws(StoreError) {
    try db.execute(
      "update parcel set body = ? where lane_id = ?", .text(body), .int(call.lanes[0].id))
  }

  private struct ParcelLane {
    let id: Int
    let name: String
    let ready: Moment
    let slot: Moment
    let round: Int
    let trials: Trials
    let memory: String
    let apart: Int
  }

  private func parcelLaneDueLongest(
    _ channel: Channel, horizon: Moment, isUntried: Bool = false
  ) throws(StoreError) -> ParcelLane? {
    try db.first(
      """
      select id, name, ready_ms, slot_ms, round, memory, apart, evidence, attempts, failed_ms,
        failing_ms, limits
      from lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting' and ready_ms <= ?
        and not (? and failed_ms is not null)
      order by ready_ms limit 1
      """, .int(channel.account), .text(channel.kind.rawValue), .of(horizon), .of(isUntried)
    ) { (row) throws(StoreError) in
      ParcelLane(
        id: row.int(0), name: row.text(1), ready: row.moment(2), slot: row.moment(3),
        round: row.bounded(4),
        trials: Trials(row, from: 7), memory: row.text(5), apart: row.int(6))
    }
  }

  /// The parcel that is still to be accepted, or a new one; nil when the lane needs no call now.
  private func nextParcel(
    of lane: ParcelLane, _ kind: Kind, _ terms: PackingTerms, at now: Moment,
    _ settled: inout Settled
  ) throws(StoreError) -> Parcel? {
    if let kept = try parcel(of: lane.id) {
      if kept.isUncertain { return kept }
      if try !isTooOld(kept, kind, at: now) { return kept }
      try put(nil, of: lane.id)
    }
    var waiting = try waitingAsksInPlace(of: lane.id, limit: kind.asksPerParcel(terms), at: now)
    if let life = kind.asksLive {
      let old = waiting.filter { $0.asked <= now - life }.map(\.id)
      try bury(
        old, of: lane, reason: "asked more than \(life / .days(1)) days ago", at: now, &settled)
      waiting.removeAll { old.contains($0.id) }
    }
    let asks = try readable(waiting, of: lane, kind, at: now, &settled)
    if !asks.isEmpty {
      let memory = try fields(in: lane.memory)
      switch kind.pack(asks, memory: memory, apart: lane.apart, terms) {
      case .parcel(let parcel): return parcel
      case .nothing(let asks):
        try end(asks, "delivered", reason: "accepted before as it is", call: nil, at: now)
      case .impossible(let asks, let reason):
        try bury(asks, of: lane, reason: reason, at: now, &settled)
      }
    }
    if try hasWaitingAsks(lane.id) {
      try refreshTimes(of: lane.id)
    } else {
      try idle([lane.id], slot: max(lane.slot, now))
      settled.idle += 1
    }
    return nil
  }

  /// The asks that can be packed. One whose body cannot be dies alone.
  private func readable(
    _ waiting: [LinedUpAsk], of lane: ParcelLane, _ kind: Kind, at now: Moment,
    _ settled: inout Settled
  ) throws(StoreError) -> [WaitingAsk] {
    var readable: [WaitingAsk] = []
    for ask in waiting {
      let read = WaitingAsk(id: ask.id, fields: try fields(in: ask.body), wasSent: ask.wasSent)
      if let flaw = read.flaw(as: kind) {
        try bury([ask.id], of: lane, reason: flaw.reason, at: now, &settled)
      } else {
        readable.append(read)
      }
    }
    return readable
  }

  private func isTooOld(_ parcel: Parcel, _ kind: Kind, at now: Moment) throws(StoreError) -> Bool {
    guard let life = kind.asksLive, let oldest = parcel.asks.min() else { return false }
    return try db.first("select asked_ms from ask where id = ?", .int(oldest)) {
      (row) throws(StoreError) in self.clocks.queue(row.wallMoment(0)) <= now - life
    } ?? false
  }

  private func bury(
    _ asks: [Int], of lane: ParcelLane, reason: String, at now: Moment, _ settled: inout Settled
  ) throws(StoreError) {
    if asks.isEmpty { return }
    try end(asks, "dead", reason: reason, call: nil, at: now)
    settled.dead.append((lane.name, reason))
  }

  private func claim(
    _ parcel: Parcel, of lane: ParcelLane, _ channel: Channel, at now: Moment, timeout: Span
  ) throws(StoreError) -> ClaimedCall {
    try db.execute(
      "insert into call (account_id, api, lanes, started_ms) values (?, ?, ?, ?)",
      .int(channel.account), .text(channel.kind.rawValue), .text(Self.list([lane.id])), .of(now))
    let call = db.lastInsertID
    let memory = channel.kind.memory(try fields(in: lane.memory), sending: parcel)
    try db.execute(
      """
      update lane set state = 'in_flight', call_id = ?2, slot_ms = ?3, memory = ?4,
        round = round + 1
      where id = ?1
      """, .int(lane.id), .int(call),
      .of(channel.kind.pace.slot(started: now, timeout: timeout)),
      .text(JSONText.harmless(JSONText.object(memory))))
    try put(parcel, of: lane.id)
    let claimed = ClaimedLane(
      id: lane.id, name: lane.name, round: lane.round + 1, trials: lane.trials, ready: lane.ready,
      slot: lane.slot, wants: .nobody)
    return ClaimedCall(
      id: call, channel: channel, started: now, timeout: timeout, lanes: [claimed],
      load: .parcel(parcel, memory: memory))
  }
}
