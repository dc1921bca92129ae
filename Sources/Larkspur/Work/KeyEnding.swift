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
        ifnull(reason, outcome), call_id, part_for
      from ask indexed by parts_ended where part_of is not null and outcome is not null limit ?
      """, .int(room.parts)
    ) { (row) throws(StoreError) in
      EndedPart(
        id: row.int(0), key: row.int(1), servesFrom: row.int(2), token: row.text(3),
        lane: row.int(4), outcome: row.text(5), reason: row.text(6), call: row.optionalInt(7),
        reaches: row.int(8))
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
    /// As in the column `part_for`.
    let reaches: Int

    /// The ask named no open_ids.
    var why: String { reason.replacing(AskChange.partlyRefused, with: "refused for some viewers") }
  }

  /// Asks wait for every part for their reach that came before them or with them. Those that came
  /// while its call was under way wait for another part of the same preview.
  private func end(_ part: EndedPart) throws(StoreError) {
    if part.outcome != "delivered" {
      try db.execute(
        """
        insert into not_refreshed (lane_id, token, reach, first, before, reason)
        select id, ?3, reach, ?2, ifnull((
          select min(later.serves_from) from ask as later indexed by asks_of_a_lane
          where later.lane_id = ?5 and later.outcome is null and later.part_of = ?1
            and later.serves_from > ?2 and later.part_for & reach), min(calls, ?6) + 1), ?4
        from lane cross join (select 1 as reach union all select 2)
        where id = ?1 and ?7 & reach
        """, .int(part.key), .int(part.servesFrom), .text(part.token), .text(part.why),
        .int(part.lane), .int(.most), .int(part.reaches))
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
    let waiting = try partsWaiting(ofKey: key)
    let asks = try db.all(
      """
      select id, account, kind, lane, first_call, iif(json_type(body, '$.everyone') is null, 2, 1)
      from ask indexed by asks_of_a_lane
      where lane_id = ? and outcome is null
        and first_call < iif(json_type(body, '$.everyone') is null, ?, ?)
      order by first_call limit ?
      """, .int(key), .int(waiting.viewers ?? .max), .int(waiting.everyone ?? .max),
      .int(room.asks)
    ) { (row) throws(StoreError) in
      (
        id: row.int(0), account: row.text(1), kind: row.text(2), key: row.text(3),
        number: row.int(4), reach: row.int(5)
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
      let missed = missed.of(ask.number, reach: ask.reach)
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
    if waiting.everyone != nil || waiting.viewers != nil || isLeft {
      return try refreshTimes(of: key)
    }
    try rest(key, at: now)
    ended.idle += db.changes
  }

  /// The number of the first part that asks for everyone wait for, and of the first for the viewers.
  private func partsWaiting(
    ofKey key: Int
  ) throws(StoreError) -> (everyone: Int?, viewers: Int?) {
    try db.first(
      """
      select min(serves_from) filter (where part_for & 1), min(serves_from) filter (where part_for & 2)
      from ask indexed by parts_of_a_key where part_of = ? and outcome is null
      """, .int(key)
    ) { (row) throws(StoreError) in (row.optionalInt(0), row.optionalInt(1)) } ?? (nil, nil)
  }

  private func rest(_ key: Int, at now: Moment) throws(StoreError) {
    // The slot tells pruning since when the lane is unused.
    try db.execute(
      """
      update lane set state = 'idle', since_ms = null, ready_ms = null, expires_ms = null, slot_ms = ?2
      where id = ?1 and state = 'waiting'
      """, .int(key), .of(now))
  }

  /// The number of the newest open ask of a key for everyone, and of the newest for the viewers; -1 if
  /// there is none.
  private func newestAsks(
    ofKey key: Int, areUrgent: Bool = false
  ) throws(StoreError) -> (everyone: Int, viewers: Int) {
    try db.first(
      """
      select
        ifnull(max(first_call) filter (where json_type(body, '$.everyone') is not null), -1),
        ifnull(max(first_call) filter (where json_type(body, '$.everyone') is null), -1)
      from ask indexed by asks_of_a_lane
      where lane_id = ? and outcome is null and urgent >= ? and json_valid(body)
      """, .int(key), .of(areUrgent)
    ) { (row) throws(StoreError) in (row.int(0), row.int(1)) } ?? (-1, -1)
  }

  /// Parts for which no urgent ask waits any more are not urgent. Their lanes are looked at.
  private func calmParts(ofKey key: Int) throws(StoreError) {
    let newest = try newestAsks(ofKey: key, areUrgent: true)
    let calmed = try db.all(
      """
      update ask set urgent = 0 where id in (
        select id from ask indexed by parts_of_a_key
        where part_of = ?1 and outcome is null and urgent = 1
          and not (part_for & 1 and serves_from <= ?2) and not (part_for & 2 and serves_from <= ?3))
      returning lane_id
      """, .int(key), .int(newest.everyone), .int(newest.viewers)
    ) { (row) throws(StoreError) in row.optionalInt(0) }
    if calmed.isEmpty { return }
    try db.execute(
      """
      update lane set expires_ms = 0
      where state <> 'idle' and id in (select value from json_each(?))
      """, .text(Self.list(calmed.compactMap { $0 })))
  }

  /// Drops the parts of a key for which no ask waits any more, because the asks have expired or were
  /// cancelled. An ask for the viewers does not wait for what was asked for everyone.
  func dropParts(ofKey key: Int) throws(StoreError) {
    try calmParts(ofKey: key)
    let newest = try newestAsks(ofKey: key)
    let dropped = try db.all(
      """
      select id, lane_id from ask indexed by parts_of_a_key
      where part_of = ?1 and outcome is null
        and not (part_for & 1 and serves_from <= ?2) and not (part_for & 2 and serves_from <= ?3)
      """, .int(key), .int(newest.everyone), .int(newest.viewers)
    ) { (row) throws(StoreError) in (part: row.int(0), lane: row.optionalInt(1)) }
    if dropped.isEmpty { return }
    try db.execute(
      """
      update lane set expires_ms = 0
      where state <> 'idle' and id in (select value from json_each(?))
      """, .text(Self.list(dropped.compactMap(\.lane))))
    try db.execute(
      "delete from ask where id in (select value from json_each(?))",
      .text(Self.list(dropped.map(\.part))))
  }
}
