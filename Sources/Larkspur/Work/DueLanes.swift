import Planning

/// A waiting lane, as read from its row.
struct DueLane {
  let id: Int
  let name: String
  let audienceID: Int
  let ready: Moment
  let slot: Moment
  let calls: Int
  let trials: Trials
  let group: Int?
  let peopleMax: Int?
  let strikes: Int
  let isProven: Bool
  let turn: LaneTurn

  fileprivate init(_ row: borrowing Statement) {
    id = row.int(0)
    name = row.text(1)
    audienceID = row.int(2)
    ready = row.moment(3)
    slot = row.moment(4)
    calls = row.bounded(5)
    group = row.optionalInt(6)
    peopleMax = row.optionalInt(7).map { min($0, Preview.peoplePerCall) }
    strikes = row.count(8)
    isProven = row.bool(9)
    trials = Trials(row, from: 10)
    turn = LaneTurn(
      row.bool(15) ? .urgent : .ordinary, at: Turn.turn(ready: ready, place: row.moment(16)))
  }

  func claimed(wanting audience: Audience, callNumber: Int) -> ClaimedLane {
    ClaimedLane(
      id: id, name: name, callNumber: callNumber, trials: trials, ready: ready, slot: slot,
      turn: turn, wants: audience, group: group, peopleMax: peopleMax, strikes: strikes,
      isProven: isProven)
  }
}

extension WorkerStore {
  /// The lanes of a call that is under way.
  func claimedLanes(of call: Int) throws(StoreError) -> [ClaimedLane] {
    let lanes = try db.all(
      """
      select id, name, ifnull(audience_id, 0), ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits, urgent, spread_ms
      from lane indexed by lanes_in_flight where call_id = ? order by id
      """, .int(call)
    ) { (row) throws(StoreError) in DueLane(row) }
    return try lanes.map { (lane) throws(StoreError) in
      lane.claimed(
        wanting: lane.audienceID == 0 ? .nobody : try audience(lane.audienceID),
        callNumber: lane.calls)
    }
  }
}

/// Where a call looks for its lanes.
struct Pick {
  let account: Value
  let kind: Value
  /// Those that are as urgent as the lane that opens the call come first, then the others.
  let first: Value
  let second: Value
  let now: Value
  let moment: Moment
  let accountID: Int

  init(_ channel: Channel, first urgency: Urgency, at now: Moment) {
    (account, kind) = (.int(channel.account), .text(channel.kind.rawValue))
    (first, second) = (.int(urgency.rawValue), .int(urgency.other.rawValue))
    (self.now, moment, accountID) = (.of(now), now, channel.account)
  }
}

extension WorkerStore {
  /// The lane whose turn it is. Among lanes from refused calls, the search that is closest to its
  /// end continues first: its result ends all searches for the same user.
  func nextDue(
    _ channel: Channel, _ order: [Urgency], _ afterMany: Set<Urgency>, horizon: Moment
  ) throws(StoreError) -> DueLane? {
    guard let first = try firstDue(channel, order, afterMany, horizon: horizon) else { return nil }
    let suspect = try db.first(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits, urgent, spread_ms, since_ms
      from lane indexed by lanes_under_suspicion
      where account_id = ? and kind = ? and group_id is not null and state = 'waiting'
        and ready_ms <= ? and urgent = ?
      order by people_max is null, people_max, ready_ms limit 1
      """, .int(channel.account), .text(channel.kind.rawValue), .of(horizon),
      .int(first.turn.urgency.rawValue)
    ) { (row) throws(StoreError) in (lane: DueLane(row), since: row.moment(17)) }
    guard let suspect else { return first }
    return Turn.isSuspects(askedSince: suspect.since, first: first.ready) ? suspect.lane : first
  }

  /// The lane for a probe: one that has not failed, while there are any.
  func probedNext(
    _ channel: Channel, _ order: [Urgency], _ afterMany: Set<Urgency>, horizon: Moment
  ) throws(StoreError) -> DueLane? {
    if let lane = try firstDue(channel, order, afterMany, horizon: horizon, isUntried: true) {
      return lane
    }
    return try firstDue(channel, order, afterMany, horizon: horizon)
  }

  /// The first lane in turn, suspected or not.
  private func firstDue(
    _ channel: Channel, _ order: [Urgency], _ afterMany: Set<Urgency>, horizon: Moment,
    isUntried: Bool = false
  ) throws(StoreError) -> DueLane? {
    guard
      let lane = try laneInTurn(
        channel, order, afterMany: afterMany, horizon: horizon, isUntried: isUntried)
    else { return nil }
    return try self.lane(lane)
  }

  func lane(_ id: Int) throws(StoreError) -> DueLane {
    let lane = try db.first(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits, urgent, spread_ms
      from lane where id = ?
      """, .int(id)
    ) { (row) throws(StoreError) in DueLane(row) }
    guard let lane else { throw .damagedRow("lane \(id) is missing") }
    return lane
  }

  func candidate(_ lane: DueLane) throws(StoreError) -> Candidate {
    Candidate(lane: lane.id, wants: try audience(lane.audienceID))
  }

  /// Due lanes that want exactly this audience.
  func wanting(
    _ chunk: Audience, _ pick: Pick, _ read: inout [Int: DueLane]
  ) throws(StoreError) -> [Candidate] {
    try wanting(
      try number(of: chunk, account: pick.accountID, at: pick.moment), chunk, pick, &read)
  }

  func wanting(
    _ audience: Int, _ wants: Audience, _ pick: Pick, _ read: inout [Int: DueLane]
  ) throws(StoreError) -> [Candidate] {
    let lanes = try db.all(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits, urgent, spread_ms
      from (
        select due from (
          select id as due from lane indexed by lanes_wanting_this_audience
          where audience_id = ?1 and state = 'waiting' and group_id is null and urgent = ?2
            and max(ready_ms, spread_ms) <= ?4
          order by max(ready_ms, spread_ms) limit ?5)
        union all
        select due from (
          select id as due from lane indexed by lanes_spread_wanting_this_audience
          where audience_id = ?1 and state = 'waiting' and group_id is null and spread_ms > 0
            and urgent = ?2 and max(ready_ms, spread_ms) > ?4 and ready_ms <= ?4
          order by max(ready_ms, spread_ms) limit ?5)
        union all
        select due from (
          select id as due from lane indexed by lanes_wanting_this_audience
          where audience_id = ?1 and state = 'waiting' and group_id is null and urgent = ?3
            and max(ready_ms, spread_ms) <= ?4
          order by max(ready_ms, spread_ms) limit ?5)
        union all
        select due from (
          select id as due from lane indexed by lanes_spread_wanting_this_audience
          where audience_id = ?1 and state = 'waiting' and group_id is null and spread_ms > 0
            and urgent = ?3 and max(ready_ms, spread_ms) > ?4 and ready_ms <= ?4
          order by max(ready_ms, spread_ms) limit ?5)
        limit ?5)
      cross join lane on id = due
      """, .int(audience), pick.first, pick.second, pick.now, .int(Preview.tokensPerCall)
    ) { (row) throws(StoreError) in DueLane(row) }
    return lanes.map { lane in
      read[lane.id] = lane
      return Candidate(lane: lane.id, wants: wants)
    }
  }

  /// Due lanes whose audience takes several calls: at most 64 lanes, and no more users than can be
  /// looked at in a millisecond.
  func wantingMany(_ pick: Pick) throws(StoreError) -> [Candidate] {
    let rows = try db.all(
      """
      select id, audience_id from lane indexed by lanes_wanting_a_large_audience
      where account_id = ? and state = 'waiting' and many_calls = 1 and group_id is null
        and ready_ms <= ? and kind = ?
      order by ready_ms limit 64
      """, pick.account, pick.now, pick.kind
    ) { (row) throws(StoreError) in (lane: row.int(0), audience: row.int(1)) }
    var (candidates, people): ([Candidate], Int) = ([], 0)
    for row in rows {
      let candidate = Candidate(lane: row.lane, wants: try audience(row.audience))
      people += candidate.wants.count ?? 0
      if people > Self.peopleCompared { break }
      candidates.append(candidate)
    }
    return candidates
  }

  /// Lanes that were in one refused call. They go together until it is known which of them was
  /// refused.
  func suspects(
    _ group: Int, _ channel: Channel, at now: Moment
  ) throws(StoreError) -> [Candidate] {
    let rows = try db.all(
      """
      select id, audience_id from lane indexed by lanes_of_a_refused_call
      where group_id = ? and state = 'waiting' and ready_ms <= ? and account_id = ? and kind = ?
      order by ready_ms limit ?
      """, .int(group), .of(now), .int(channel.account), .text(channel.kind.rawValue),
      .int(Preview.tokensPerCall)
    ) { (row) throws(StoreError) in (lane: row.int(0), audience: row.int(1)) }
    return try rows.map { (row) throws(StoreError) in
      Candidate(lane: row.lane, wants: try audience(row.audience))
    }
  }
}

extension Trials {
  /// Reads the columns evidence, attempts, failed_ms, failing_ms and limits, in this order.
  init(_ row: borrowing Statement, from first: Int32) {
    self.init(
      evidence: row.optionalInt(first).flatMap(Evidence.init), attempts: row.count(first + 1),
      failedAt: row.optionalMoment(first + 2), failingSince: row.optionalMoment(first + 3),
      limits: row.count(first + 4))
  }
}
