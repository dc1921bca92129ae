import Planning

/// How far a search for damaged lanes has come.
package struct LaneSearch: Sendable {
  /// Whether audiences are read and checked, or only looked up.
  fileprivate let isThorough: Bool
  fileprivate var lane = Int.min

  package init(isThorough: Bool) { self.isThorough = isThorough }
}

/// Repairs damaged lanes: their rows, or rows that they refer to, were changed by hand. A lane
/// wants what its open asks want, so these are folded again. Impossible numbers are replaced.
extension WorkerStore {
  /// How many lanes are checked, and how many asks are folded again, in one transaction.
  private static let lanesAtOnce = 500

  /// Checks one slice. `underWay` are the calls that this run has not settled. True when the search is done.
  package func repairLanes(
    _ search: inout LaneSearch, underWay: Set<Int>, at now: Moment
  ) throws(StoreError) -> Bool {
    let lanes = try db.all(
      """
      select lane.id, lane.audience_id, lane.follow_id, lane.call_id,
        lane.audience_id is not null and audience.account_id is not lane.account_id,
        calls not between 0 and ?2 or single_through not between 0 and ?2
          or max(attempts, strikes, limits, ifnull(evidence, 0), ifnull(people_max, 0)) > 1000000
          or min(attempts, strikes, limits, ifnull(evidence, 0)) < 0
          or max(slot_ms, ifnull(ready_ms, 0), iif(spread_ms > ?5, spread_ms - ?5, spread_ms)) > ?3
          or max(ifnull(since_ms, 0), ifnull(failed_ms, 0), ifnull(failing_ms, 0)) > ?3
      from lane left join audience on audience.id = lane.audience_id
      where lane.id > ?1 order by lane.id limit ?4
      """, .int(search.lane), .int(Int.most), .of(now + Pace.longestWait),
      .int(Self.lanesAtOnce), .int(Turn.behindOthers)
    ) { (row) throws(StoreError) in
      CheckedLane(
        id: row.int(0), audience: row.optionalInt(1), follow: row.optionalInt(2),
        call: row.optionalInt(3), isAudienceGone: row.bool(4), hasWildNumbers: row.bool(5))
    }
    var asksLeft = Self.lanesAtOnce
    for lane in lanes {
      try repair(lane, isThorough: search.isThorough, underWay, at: now, &asksLeft)
      if asksLeft <= 0 { return false }
      search.lane = lane.id
    }
    return lanes.count < Self.lanesAtOnce
  }

  private struct CheckedLane {
    let id: Int
    let audience: Int?
    let follow: Int?
    let call: Int?
    let isAudienceGone: Bool
    let hasWildNumbers: Bool
  }

  private func repair(
    _ lane: CheckedLane, isThorough: Bool, _ underWay: Set<Int>, at now: Moment,
    _ asksLeft: inout Int
  ) throws(StoreError) {
    if lane.hasWildNumbers { try replaceWildNumbers(of: lane.id, at: now) }
    if let follow = lane.follow, try storedAudience(follow) == nil {
      asksLeft -= try foldAsksAgain(of: lane.id, isFollowOnly: true, atMost: asksLeft, at: now)
      try db.execute("update lane set follow_id = null where id = ?", .int(lane.id))
    }
    if let call = lane.call {
      // The worker remembers what a call under way carries until it is settled, whatever the row
      // says.
      if underWay.contains(call) { return }
      try putBack(lane.id, at: now)
    }
    guard let audience = lane.audience else { return }
    let isDamaged =
      isThorough ? try storedAudience(audience) == nil : lane.isAudienceGone
    if isDamaged {
      asksLeft -= try foldAsksAgain(of: lane.id, atMost: asksLeft, at: now)
      if asksLeft > 0 { try idle(lane.id, at: now) }
    }
  }

  /// A lane whose audience cannot be read wants nothing until its asks are folded again.
  private func idle(_ lane: Int, at now: Moment) throws(StoreError) {
    let slot = try db.first("select slot_ms from lane where id = ?", .int(lane)) {
      (row) throws(StoreError) in row.moment(0)
    }
    try idle([lane], slot: max(slot ?? now, now))
  }

  /// Makes a lane wait again that is marked as in flight although its call is not under way. No
  /// answer would ever settle it. It keeps the slot of the call.
  func putBack(_ lane: Int, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update lane set state = 'waiting', call_id = null, follow_id = null,
        ready_ms = max(slot_ms, ?2), expires_ms = 0
      where id = ?1
      """, .int(lane), .of(now))
    try foldAsksAgain(of: lane, isFollowOnly: true, atMost: Self.lanesAtOnce, at: now)
  }

  /// Returns how many asks are folded again.
  @discardableResult
  private func foldAsksAgain(
    of lane: Int, isFollowOnly: Bool = false, atMost limit: Int, at now: Moment
  ) throws(StoreError) -> Int {
    let asks = try db.all(
      """
      select id from ask indexed by asks_of_a_lane
      where lane_id = ?1 and outcome is null
        and (not ?2 or first_call > (select calls from lane where id = ?1)) limit ?3
      """, .int(lane), .of(isFollowOnly), .int(limit)
    ) { (row) throws(StoreError) in row.int(0) }
    for ask in asks { try foldAgain(ask, at: now) }
    return asks.count
  }

  /// Replaces impossible numbers. A lane with an impossible slot may have been in a call just now,
  /// so it is left alone for a minute.
  func replaceWildNumbers(of lane: Int, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update lane set
        calls = iif(calls between 0 and ?2, calls, ifnull((
          select max(first_call) from ask indexed by asks_of_a_lane
          where lane_id = ?1 and outcome is null and first_call between 0 and ?2), 0)),
        single_through = iif(single_through between 0 and ?2, single_through, 0),
        attempts = iif(attempts between 0 and 1000000, attempts, 0),
        strikes = iif(strikes between 0 and 1000000, strikes, 0),
        limits = iif(limits between 0 and 1000000, limits, 0),
        people_max = iif(people_max <= 1000000, people_max, null),
        evidence = iif(evidence between 0 and 1000000, evidence, null),
        spread_ms = iif(spread_ms between 0 and ?4 or spread_ms between ?6 and ?6 + ?4, spread_ms, 0),
        failed_ms = iif(failed_ms <= ?3, failed_ms, null),
        failing_ms = iif(failing_ms <= ?3, failing_ms, null),
        since_ms = min(since_ms, ?3),
        slot_ms = iif(slot_ms <= ?4, slot_ms, ?5),
        ready_ms = iif(ready_ms <= ?4 or ready_ms is null, ready_ms, ?5)
      where id = ?1
      """, .int(lane), .int(Int.most), .of(now), .of(now + Pace.longestWait),
      .of(now + Pace.safeWait), .int(Turn.behindOthers))
  }
}
