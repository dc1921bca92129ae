import Planning

/// What has become of asks by key or URL.
package struct EndedKeys: Sendable {
  /// How many keys want nothing any more.
  package var idle = 0
  package var dead: [DeadAsk] = []
  /// There was no time for all of it.
  package var isMore = false
}

/// How much one turn ends, so that others can write.
private struct EndingRoom {
  var parts = 500
  var asks = 500
  /// The lists of previews that were not refreshed may be long.
  var bytes = 500_000
}

extension WorkerStore {
  /// Ends the asks by key or URL whose parts have all ended, however they did.
  package func endKeyAsks(at now: Moment) throws(StoreError) -> EndedKeys {
    var ended = EndedKeys()
    var room = EndingRoom()
    let parts = try db.all(
      """
      select id, part_of, ifnull(serves_from, 0), lane, ifnull(lane_id, 0), outcome,
        ifnull(reason, outcome), call_id
      from ask indexed by parts_ended where part_of is not null and outcome is not null limit ?
      """, .int(room.parts)
    ) { (row) throws(StoreError) in
      EndedPart(
        id: row.int(0), key: row.int(1), servesFrom: row.int(2), token: row.text(3),
        lane: row.int(4), outcome: row.text(5), reason: row.text(6), call: row.optionalInt(7))
    }
    for part in parts { try end(part) }
    ended.isMore = parts.count == room.parts
    let calls = Dictionary(parts.map { ($0.key, $0.call) }) { _, last in last }
    for key in keysToEnd.union(calls.keys) {
      // Its asks end once it is known which of its previews were not refreshed.
      if ended.isMore, try hasEndedParts(key) { continue }
      try endAsks(ofKey: key, call: calls[key] ?? nil, at: now, &room, &ended)
    }
    keysToEnd = []
    return ended
  }

  private struct EndedPart {
    let id: Int
    let key: Int
    let servesFrom: Int
    let token: String
    let lane: Int
    let outcome: String
    let reason: String
    let call: Int?
  }

  /// Asks wait for every part that came before them or with them. Those that came while its call was
  /// under way wait for another part of the same preview.
  private func end(_ part: EndedPart) throws(StoreError) {
    if part.outcome != "delivered" {
      try db.execute(
        """
        insert into not_refreshed (lane_id, token, first, before, reason)
        select id, ?3, ?2, ifnull((
          select min(later.serves_from) from ask as later indexed by asks_of_a_lane
          where later.lane_id = ?5 and later.outcome is null and later.part_of = ?1
            and later.serves_from > ?2), min(calls, ?6) + 1), ?4
        from lane where id = ?1
        """, .int(part.key), .int(part.servesFrom), .text(part.token), .text(part.reason),
        .int(part.lane), .int(.most))
    }
    try db.execute("delete from ask where id = ?", .int(part.id))
  }

  private func hasEndedParts(_ key: Int) throws(StoreError) -> Bool {
    try db.first(
      """
      select 1 from ask indexed by parts_ended where part_of = ? and outcome is not null limit 1
      """, .int(key)
    ) { (_) throws(StoreError) in true } ?? false
  }

  private func endAsks(
    ofKey key: Int, call: Int?, at now: Moment, _ room: inout EndingRoom, _ ended: inout EndedKeys
  ) throws(StoreError) {
    let waiting =
      try db.first(
        """
        select min(serves_from) from ask indexed by parts_of_a_key
        where part_of = ? and outcome is null
        """, .int(key)
      ) { (row) throws(StoreError) in row.optionalInt(0) } ?? nil
    let asks = try db.all(
      """
      select id, account, kind, lane, first_call
      from ask indexed by asks_of_a_lane where lane_id = ? and outcome is null and first_call < ?
      order by first_call limit ?
      """, .int(key), .int(waiting ?? .max), .int(room.asks)
    ) { (row) throws(StoreError) in
      (
        id: row.int(0), account: row.text(1), kind: row.text(2), key: row.text(3),
        number: row.int(4)
      )
    }
    var missed = MissedPreviews(try notRefreshed(key))
    var isCut = asks.count == room.asks
    room.asks -= asks.count
    for ask in asks {
      if room.bytes <= 0 {
        isCut = true
        break
      }
      let missed = missed.of(ask.number)
      room.bytes -= missed?.list.utf8.count ?? 0
      if let missed {
        ended.dead.append(
          DeadAsk(
            account: ask.account, aim: Aim(rawValue: ask.kind), lane: ask.key,
            reason: missed.reason))
      }
      try db.execute(
        """
        update ask set outcome = iif(?2 is null, 'delivered', 'dead'), reason = ?2, ended_ms = ?3,
          call_id = ?4, refused = ?5
        where id = ?1
        """, .int(ask.id), .of(missed?.reason), .of(now), .of(call), .of(missed?.list))
    }
    if isCut {
      // The next turn looks at it again.
      ended.isMore = true
      try db.execute("update lane set expires_ms = 0 where id = ?", .int(key))
      return
    }
    let isLeft = try hasWaitingAsks(key)
    if !missed.isEmpty { try forgetMissed(key) }
    if waiting != nil || isLeft { return try refreshTimes(of: key) }
    try rest(key, at: now)
    ended.idle += db.changes
  }

  private func rest(_ key: Int, at now: Moment) throws(StoreError) {
    // The slot tells pruning since when the lane is unused.
    try db.execute(
      """
      update lane set state = 'idle', since_ms = null, ready_ms = null, expires_ms = null, slot_ms = ?2
      where id = ?1 and state = 'waiting'
      """, .int(key), .of(now))
  }

  /// Nobody waits for the parts of this key any more: its asks have expired or were cancelled.
  func dropParts(ofKey key: Int) throws(StoreError) {
    try db.execute(
      """
      update lane set expires_ms = 0 where state <> 'idle' and id in (
        select lane_id from ask indexed by parts_of_a_key where part_of = ? and outcome is null)
      """, .int(key))
    try db.execute(
      """
      delete from ask where id in (
        select id from ask indexed by parts_of_a_key where part_of = ? and outcome is null)
      """, .int(key))
  }
}
