import Planning

extension WorkerStore {
  /// Ends expired asks in waiting lanes, at most `limit` lanes and asks. Lanes in flight get their
  /// answer first. Returns how many lanes want nothing any more.
  package func expire(at now: Moment, limit: Int) throws(StoreError) -> Int {
    let lanes = try db.all(
      """
      select id, account_id, ready_ms from lane indexed by lanes_to_look_at
      where expires_ms <= ? and expires_ms is not null and state = 'waiting'
      order by expires_ms limit ?
      """, .of(now), .int(limit)
    ) { (row) throws(StoreError) in
      (id: row.int(0), account: row.int(1), ready: row.moment(2))
    }
    var idle = 0
    var left = limit
    var work = Self.workAtOnce
    for lane in lanes where work > 0 {
      left -= try endExpired(of: lane.id, atMost: left, at: now)
      // The lane may hold more of them; it is checked again.
      if left == 0 { break }
      work -= 1
      if lane.ready > now, try holdsManyAsks(lane.id) {
        try lookAgain(at: lane.id, before: lane.ready)
        continue
      }
      if try !wantWhatIsLeft(lane.id, account: lane.account, &work, at: now) { idle += 1 }
    }
    return idle
  }

  /// Puts off working out what a lane with many asks still wants, which is slow. If asks expire one
  /// after another, it is done once, just before the lane goes.
  private func lookAgain(at lane: Int, before ready: Moment) throws(StoreError) {
    try db.execute(
      """
      update lane set expires_ms = min(?2, ifnull((
        select expires_ms from ask indexed by asks_that_expire
        where lane_id = ?1 and expires_ms is not null and outcome is null
        order by expires_ms limit 1), ?2))
      where id = ?1 and audience_id is not null
      """, .int(lane), .of(ready))
  }

  private func holdsManyAsks(_ lane: Int) throws(StoreError) -> Bool {
    let isLong = try db.first(
      """
      select 1 from ask join lane on lane.id = lane_id
      where lane_id = ? and outcome is null and lane.audience_id is not null limit 1 offset ?
      """, .int(lane), .int(Self.manyAsks)
    ) { (row) throws(StoreError) in true }
    return isLong == true
  }

  private static let manyAsks = 200

  private func endExpired(
    of lane: Int, atMost limit: Int, at now: Moment
  ) throws(StoreError) -> Int {
    try db.execute(
      """
      update ask set outcome = 'expired', ended_ms = ?2,
        reason = ifnull(reason, 'expired before it could be delivered')
      where id in (
        select id from ask indexed by asks_that_expire
        where lane_id = ?1 and outcome is null and expires_ms <= ?2 and expires_ms is not null
          and not exists (select 1 from parcel, json_each(parcel.asks) as packed
            where parcel.lane_id = ?1 and uncertain and packed.value = ask.id)
        limit ?3)
      """, .int(lane), .of(now), .int(limit))
    return db.changes
  }

  /// When the next lane must be checked because one of its asks expires.
  package func nextExpiry() throws(StoreError) -> Moment? {
    try db.first(
      """
      select expires_ms from lane indexed by lanes_to_look_at
      where expires_ms is not null and state = 'waiting' order by expires_ms limit 1
      """
    ) { (row) throws(StoreError) in row.moment(0) }
  }

  /// Reduces what a waiting lane wants to what its open asks want. False if that is nobody.
  func wantWhatIsLeft(
    _ lane: Int, account: Int, _ work: inout Int, at now: Moment
  ) throws(StoreError) -> Bool {
    try replaceWildNumbers(of: lane, at: now)
    let known = try db.first(
      "select name, audience_id, slot_ms, kind in ('key', 'url') from lane where id = ?", .int(lane)
    ) { (row) throws(StoreError) in
      (
        name: row.text(0), audience: row.optionalInt(1), slot: row.moment(2), isKey: row.bool(3)
      )
    }
    guard let known else { return false }
    let isLeft: Bool
    if let audience = known.audience {
      isLeft = try narrow(
        lane, named: known.name, from: try storedAudience(audience) ?? .nobody, account: account,
        &work,
        at: now)
    } else if known.isKey {
      try db.execute("update lane set expires_ms = null where id = ?", .int(lane))
      try refreshTimes(of: lane)
      keysToEnd.insert(lane)
      isLeft = try hasWaitingAsks(lane)
      try dropParts(ofKey: lane)
    } else {
      isLeft = try packAgain(lane)
    }
    if isLeft { return true }
    // Nothing was sent, but the slot also tells pruning since when the lane is unused.
    try idle([lane], slot: max(known.slot, now))
    return false
  }

  private func narrow(
    _ lane: Int, named name: String, from wants: Audience, account: Int, _ work: inout Int,
    at now: Moment
  ) throws(StoreError) -> Bool {
    let asks = CarriedAsks(lane: lane, name: name, callNumber: .max, call: nil)
    let review = AskReview(asks, account: account, of: wants, .reached(.nobody))
    guard let left = try finish(review, &work, at: now).left else { return false }
    let audience = try number(of: left, account: account, at: now)
    try db.execute(
      "update lane set audience_id = ?, many_calls = ?, expires_ms = null where id = ?",
      .int(audience),
      .of(try takesManyCalls(audience)), .int(lane))
    try refreshTimes(of: lane)
    return true
  }

  /// A parcel that Feishu may have applied is repeated unchanged while the lane has an ask. Any
  /// other parcel is packed again without the asks that have ended.
  private func packAgain(_ lane: Int) throws(StoreError) -> Bool {
    guard try hasWaitingAsks(lane) else {
      try put(nil, of: lane)
      return false
    }
    try db.execute("delete from parcel where lane_id = ? and not uncertain", .int(lane))
    try db.execute("update lane set expires_ms = null where id = ?", .int(lane))
    try refreshTimes(of: lane)
    return true
  }
}
