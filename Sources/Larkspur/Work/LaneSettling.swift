import Planning

/// The recorded result of a call.
package struct CallRecord: Sendable {
  package var outcome: String
  package var sent: Moment?
  package var status: Int?
  package var code: Int?
  package var message: String?
  package var logID: String?
  package var sentBytes: Int
  package var answerBytes: Int

  package init(
    outcome: String, sent: Moment? = nil, status: Int? = nil, code: Int? = nil,
    message: String? = nil, logID: String? = nil, sentBytes: Int = 0, answerBytes: Int = 0
  ) {
    self.outcome = outcome
    self.sent = sent
    self.status = status
    self.code = code
    self.message = message
    self.logID = logID
    self.sentBytes = sentBytes
    self.answerBytes = answerBytes
  }
}

/// What a settled call has changed.
package struct Settled: Sendable {
  /// Lanes that want nothing any more.
  package var idle = 0
  /// Lanes of which asks have died: name and reason.
  package var dead: [(lane: String, reason: String)] = []

  package var losses = Losses()

  package init() {}
}

extension WorkerStore {
  /// Writes down what became of each lane in a call that has its record, once its asks have ended. `result` is
  /// what the answer says a lane now is, as JSON, where it does.
  package func settle(
    _ flight: Flight, _ ahead: SettlingAhead, reason: String, result: String? = nil, at now: Moment
  ) throws(SQLiteError) -> Settled {
    switch (flight.cargo, ahead.ruling) {
    case (.shared(let call), .shared(let settlement)):
      return try settle(flight, call, settlement, reason: reason, ahead.reviews, at: now)
    case (.parcel(let parcel), .parcel(let slot, let fate)):
      return try settle(
        flight, parcel, slot: slot, fate, reason: reason, result: result, at: now)
    default: preconditionFailure("a call was ruled on as if it were of another kind")
    }
  }

  private func settle(
    _ flight: Flight, _ call: SentCall, _ settlement: Settlement, reason: String,
    _ reviews: [Int: AskReview], at now: Moment
  ) throws(SQLiteError) -> Settled {
    var settled = Settled()
    for (lane, fate) in zip(flight.lanes, settlement.fates) {
      var after = LaneAfter(lane, slot: settlement.slot ?? lane.sent.slot)
      let review =
        reviews[after.id] ?? review(of: lane, after: fate, call, in: flight, reason: reason)
      if let review { after.left = try finish(review, at: now, &settled) }
      try apply(fate, to: &after, lane, flight, reason: reason, at: now, &settled)
      try put(after, flight.channel, at: now, &settled)
    }
    let names = Set(settled.dead.map(\.lane))
    settled.losses = Losses(
      settlement, of: flight.lanes.map(\.sent),
      died: Set(flight.lanes.filter { names.contains($0.name) }.map(\.sent.id)))
    return settled
  }

  /// Records the result of any call.
  package func finish(call: Int, _ record: CallRecord, at now: Moment) throws(SQLiteError) {
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

/// What a lane's row will say once its call is settled.
private struct LaneAfter {
  let id: Int
  let name: String
  /// Whom the asks that this call carried still want; nil for nobody.
  var left: Audience?
  var ready: Moment
  var slot: Moment
  var trials = Trials()
  var error: String?
  var group: Int?
  var peopleMax: Int?
  var strikes = 0
  var isProven = false

  init(_ lane: ClaimedLane, slot: Moment) {
    id = lane.sent.id
    name = lane.name
    left = lane.sent.wants
    ready = slot
    self.slot = slot
    trials = lane.sent.trials
    peopleMax = lane.peopleMax
    strikes = lane.sent.strikes
    isProven = lane.sent.isProven
  }

  mutating func endIsolation() {
    group = nil
    peopleMax = nil
    strikes = 0
    isProven = false
  }
}

extension WorkerStore {
  private func apply(
    _ fate: Fate, to after: inout LaneAfter, _ lane: ClaimedLane, _ flight: Flight,
    reason: String, at now: Moment, _ settled: inout Settled
  ) throws(SQLiteError) {
    let soleGroup = flight.id &* Self.groupsPerCall
    if after.peopleMax != nil { after.group = soleGroup }
    switch fate {
    case .delivered:
      after.trials = Trials()
      after.isProven = after.peopleMax != nil
      // One more success, twice as many people: the refused one is among the rest.
      after.peopleMax = after.peopleMax.map { $0 * 2 }
      if after.peopleMax ?? Limits.peoplePerCall >= Limits.peoplePerCall { after.endIsolation() }
    case .again(let ready, let trials):
      after.ready = max(ready, after.slot)
      after.trials = trials
      after.error = reason
      after.group = try group(of: after.id)
    case .suspect(let group, let ready, let trials):
      after.ready = max(ready, after.slot)
      after.trials = trials
      after.group = soleGroup &+ group
      after.error = reason
    case .narrower(let peopleMax):
      after.group = soleGroup
      after.peopleMax = peopleMax
      after.error = reason
    case .peopleRefused(let refused, let strikes, let isCertain):
      // A strike is a suspicion against the token, and during an outage anything is refused.
      if isCertain {
        try remember(refused: refused, reason: reason, account: flight.channel.account, at: now)
      }
      after.strikes = strikes
      after.error = reason
    case .dead:
      try kill(CarriedAsks(lane, in: flight), reason: reason, at: now)
      settled.dead.append((lane.name, reason))
      after.left = nil
    }
  }

  /// A call has at most ten lanes, so it falls into at most ten groups.
  private static let groupsPerCall = 16

  private func group(of lane: Int) throws(SQLiteError) -> Int? {
    try db.first("select group_id from lane where id = ?", .int(lane)) {
      (row) throws(SQLiteError) in row.optionalInt(0)
    } ?? nil
  }

  /// What is left together with what was asked meanwhile becomes what the lane wants now.
  private func put(
    _ after: LaneAfter, _ channel: Channel, at now: Moment, _ settled: inout Settled
  ) throws(SQLiteError) {
    // Nothing left, and nothing asked meanwhile: so it is for most, and one statement is enough.
    if after.left == nil, try idle(after.id, slot: after.slot, unlessFollowed: true) {
      settled.idle += 1
      return
    }
    var after = after
    let follow =
      try db.first("select follow_id from lane where id = ?", .int(after.id)) {
        (row) throws(SQLiteError) in row.optionalInt(0)
      } ?? nil
    var wanted = try after.left.map { (left) throws(SQLiteError) in
      try number(of: left, account: channel.account, at: now)
    }
    if let follow {
      wanted = try union(wanted, follow, account: channel.account, at: now)
      after.trials.attempts = min(after.trials.attempts, Retrying.attemptsKept)
    }
    guard let wanted else { return }
    if after.left == nil {
      // Only what was asked meanwhile: a fresh start.
      after.endIsolation()
      after.trials = Trials()
      after.error = nil
    }
    try db.execute(
      """
      update lane set state = 'waiting', call_id = null, follow_id = null,
        audience_id = ?2, wide = ?3, ready_ms = ?4, slot_ms = ?5, attempts = ?6, error = ?7,
        group_id = ?8, people_max = ?9, strikes = ?10, proven = ?11, failed_ms = ?12,
        failing_ms = ?13, limits = ?14, evidence = ?15
      where id = ?1
      """, .int(after.id), .int(wanted), .of(try isWide(wanted)), .of(after.ready),
      .of(after.slot), .int(after.trials.attempts), .of(after.error), .of(after.group),
      .of(after.peopleMax), .int(after.strikes), .of(after.isProven),
      .of(after.trials.failedAt), .of(after.trials.failingSince), .int(after.trials.limits),
      .of(after.trials.evidence?.rawValue))
    if follow != nil || after.left == nil { try refreshTimes(of: after.id) }
  }

  /// False when it was to be left alone because something was asked for meanwhile.
  @discardableResult
  func idle(
    _ lane: Int, slot: Moment, unlessFollowed: Bool = false
  ) throws(SQLiteError) -> Bool {
    try db.execute(
      """
      update lane set state = 'idle', call_id = null, follow_id = null, audience_id = null, wide = 0,
        since_ms = null, ready_ms = null, expires_ms = null, slot_ms = ?2, attempts = 0,
        evidence = null, failed_ms = null, failing_ms = null, limits = 0, error = null, group_id = null,
        people_max = null, strikes = 0, proven = 0
      where id = ?1 and not (?3 and follow_id is not null)
      """, .int(lane), .of(slot), .of(unlessFollowed))
    return db.changes > 0
  }
}
