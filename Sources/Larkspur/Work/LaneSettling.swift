import Planning

/// What a settled call has changed.
package struct Settled: Sendable {
  /// How many lanes want nothing any more.
  package var idle = 0
  /// Lanes with asks that died: name and reason.
  package var dead: [(lane: String, reason: String)] = []
  package var losses = Losses()

  package init() {}
}

extension WorkerStore {
  /// Stores what became of each lane in a call, after the call's result was recorded and its asks
  /// have ended. `result` is the lane's new state as the answer gives it, in JSON, if it does.
  package func settle(
    _ call: ClaimedCall, _ ahead: SettlingAhead, reason: String, result: String? = nil,
    at now: Moment
  ) throws(StoreError) -> Settled {
    switch call.load {
    case .audience: try settleLanes(of: call, ahead, reason: reason, at: now)
    case .parcel(let parcel, let memory):
      try settle(
        parcel, memory, of: call, ahead.settlement, reason: reason, result: result, at: now)
    }
  }

  private func settleLanes(
    of call: ClaimedCall, _ ahead: SettlingAhead, reason: String, at now: Moment
  ) throws(StoreError) -> Settled {
    let settlement = ahead.settlement
    var settled = Settled()
    var died: Set<Int> = []
    var done: [LaneLeft] = []
    for (lane, fate) in zip(call.lanes, settlement.fates) {
      var left: Audience? = lane.wants
      if let review = ahead.reviews[lane.id] ?? review(of: lane, after: fate, in: call, reason) {
        let dead = settled.dead.count
        left = try finish(review, at: now, &settled)
        if settled.dead.count > dead { died.insert(lane.id) }
      }
      switch fate {
      case .peopleRefused(let refused, _, isCertain: true):
        // Only certain refusals are remembered. A strike may be the token's fault, and in an outage
        // everything is refused.
        try remember(refused: refused, reason: reason, account: call.channel.account, at: now)
      case .dead, .tokenRefused:
        try kill(CarriedAsks(lane, in: call), reason: reason, at: now)
        if fate == .tokenRefused { try forget(refused: lane.name, account: call.channel.account) }
        settled.dead.append((lane.name, reason))
        died.insert(lane.id)
        left = nil
      default: break
      }
      let after = lane.after(fate, in: call.id, slot: settlement.slot, reason: reason)
      done.append(LaneLeft(lane: lane.id, left: left, after: after))
    }
    try put(done, account: call.channel.account, at: now, &settled)
    settled.losses = Losses(settlement, of: call.lanes, died: died)
    return settled
  }

  /// Records the result of any call.
  package func finish(call: Int, _ record: CallRecord, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update call set ended_ms = ?2, outcome = ?3, sent_ms = ?4, http_status = ?5, code = ?6,
        message = ?7, log_id = ?8, sent_bytes = ?9, answer_bytes = ?10
      where id = ?1
      """, .int(call), .of(now), .text(record.outcome), .of(record.sent), .of(record.status),
      .of(record.code), .of(record.message), .of(record.logID), .int(record.sentBytes),
      .int(record.answerBytes))
  }
}

/// A lane whose call is over, and the audience that the asks it carried still want.
private struct LaneLeft {
  let lane: Int
  /// Nil if they want nobody.
  let left: Audience?
  let after: LaneAfter
}

extension WorkerStore {
  private func put(
    _ lanes: [LaneLeft], account: Int, at now: Moment, _ settled: inout Settled
  ) throws(StoreError) {
    // Most lanes want nothing more and were not asked for meanwhile: one statement is enough for
    // these.
    var idle: Set<Int> = []
    for (slot, group) in Dictionary(
      grouping: lanes.filter({ $0.left == nil }), by: \.after.slot)
    {
      idle.formUnion(try self.idle(group.map(\.lane), slot: slot, unlessFollowed: true))
    }
    settled.idle += idle.count
    for lane in lanes where !idle.contains(lane.lane) { try put(lane, account: account, at: now) }
  }

  /// What is left, together with what was asked meanwhile, becomes what the lane wants now.
  private func put(_ lane: LaneLeft, account: Int, at now: Moment) throws(StoreError) {
    let found = try db.first(
      "select follow_id, urgent or spread_ms > 0 from lane where id = ?", .int(lane.lane)
    ) { (row) throws(StoreError) in (follow: row.optionalInt(0), hasTurn: row.bool(1)) }
    let follow = found?.follow
    var wanted = try lane.left.map { (left) throws(StoreError) in
      try number(of: left, account: account, at: now)
    }
    if let follow { wanted = try union(wanted, follow, account: account, at: now) }
    guard let wanted else { return }
    let after = lane.after.joined(isLeft: lane.left != nil, isFollowed: follow != nil)
    try db.execute(
      """
      update lane set state = 'waiting', call_id = null, follow_id = null,
        audience_id = ?2, many_calls = ?3, ready_ms = ?4, slot_ms = ?5, attempts = ?6, error = ?7,
        group_id = ?8, people_max = ?9, strikes = ?10, proven = ?11, failed_ms = ?12,
        failing_ms = ?13, limits = ?14, evidence = ?15
      where id = ?1
      """, .int(lane.lane), .int(wanted), .of(try takesManyCalls(wanted)), .of(after.ready),
      .of(after.slot), .int(after.trials.attempts), .of(after.error), .of(after.group),
      .of(after.peopleMax), .int(after.strikes), .of(after.isProven),
      .of(after.trials.failedAt), .of(after.trials.failingSince), .int(after.trials.limits),
      .of(after.trials.evidence?.rawValue))
    if follow != nil || lane.left == nil || found?.hasTurn ?? false {
      try refreshTimes(of: lane.lane)
    }
  }

  /// Marks lanes as idle, except those that were asked for meanwhile if `unlessFollowed`. Returns
  /// the lanes that are idle now.
  @discardableResult
  func idle(
    _ lanes: [Int], slot: Moment, unlessFollowed: Bool = false
  ) throws(StoreError) -> [Int] {
    try db.all(
      """
      update lane set state = 'idle', call_id = null, follow_id = null, audience_id = null, many_calls = 0,
        since_ms = null, ready_ms = null, expires_ms = null, slot_ms = ?2, attempts = 0,
        evidence = null, failed_ms = null, failing_ms = null, limits = 0, error = null, group_id = null,
        people_max = null, strikes = 0, proven = 0, urgent = 0, spread_ms = 0
      where id in (select value from json_each(?1)) and not (?3 and follow_id is not null)
      returning id
      """, .text(Self.list(lanes)), .of(slot), .of(unlessFollowed)
    ) { (row) throws(StoreError) in row.int(0) }
  }
}
