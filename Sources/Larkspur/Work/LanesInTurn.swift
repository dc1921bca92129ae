import Planning

/// Which lanes are due, in which order. Almost all wait in one line, by the index
/// `lanes_due_longest`. Most previews of a key wait in a second one, whose turns lie behind all others;
/// the index `lanes_spread` holds them. The number in its expression is `Turn.behindOthers`; an index
/// needs it written out.
extension WorkerStore {
  /// The lane whose turn it is. `isUntried` leaves out lanes whose last call failed.
  func laneInTurn(
    _ channel: Channel, _ order: [Urgency], afterMany: Set<Urgency> = [], horizon: Moment,
    isUntried: Bool
  ) throws(StoreError) -> Int? {
    let firsts = try db.all(
      """
      select id, urgent, turn from (
        select id, urgent, max(ready_ms, spread_ms) as turn from lane indexed by lanes_due_longest
        where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = 0
          and max(ready_ms, spread_ms) <= ?3 and not (?4 and failed_ms is not null)
        order by max(ready_ms, spread_ms) limit 1)
      union all
      select id, urgent, turn from (
        select id, urgent, 500000000000000 + max(ready_ms, spread_ms - 500000000000000) as turn
        from lane indexed by lanes_spread
        where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = 0
          and ready_ms <= ?3 and not (?4 and failed_ms is not null)
        order by max(ready_ms, spread_ms - 500000000000000) limit 1)
      union all
      select id, urgent, turn from (
        select id, urgent, max(ready_ms, spread_ms) as turn from lane indexed by lanes_due_longest
        where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = 1
          and max(ready_ms, spread_ms) <= ?3 and not (?4 and failed_ms is not null)
        order by max(ready_ms, spread_ms) limit 1)
      union all
      select id, urgent, turn from (
        select id, urgent, 500000000000000 + max(ready_ms, spread_ms - 500000000000000) as turn
        from lane indexed by lanes_spread
        where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = 1
          and ready_ms <= ?3 and not (?4 and failed_ms is not null)
        order by max(ready_ms, spread_ms - 500000000000000) limit 1)
      """, .int(channel.account), .text(channel.kind.rawValue), .of(horizon), .of(isUntried)
    ) { (row) throws(StoreError) in
      FirstInLine(
        lane: row.int(0), LaneTurn(row.bool(1) ? .urgent : .ordinary, at: row.moment(2)))
    }
    return Turn.opener(of: firsts, order, afterMany: afterMany)?.lane
  }

  /// When the first lane of this channel became due, or when the first one will; of the urgent ones,
  /// and of the others.
  package func nextReady(_ channel: Channel) throws(StoreError) -> NextReady {
    try db.first(
      """
      select
        (select min(max(ready_ms, spread_ms)) from lane indexed by lanes_due_longest
          where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = 0),
        (select min(ready_ms) from lane indexed by lanes_spread_ready
          where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = 0),
        (select min(max(ready_ms, spread_ms)) from lane indexed by lanes_due_longest
          where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = 1),
        (select min(ready_ms) from lane indexed by lanes_spread_ready
          where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = 1)
      """, .int(channel.account), .text(channel.kind.rawValue)
    ) { (row) throws(StoreError) in
      let moments = (0..<4).map { row.optionalMoment($0) }
      return NextReady(
        ordinary: moments[0...1].compactMap { $0 }.min(),
        urgent: moments[2...3].compactMap { $0 }.min())
    } ?? NextReady()
  }

  /// The first lanes in turn, as many as `limit`: what they want, whether that takes many calls, and
  /// whether they may share calls.
  func wantsInTurn(
    _ pick: Pick, limit: Int, _ body: (borrowing Statement) throws(StoreError) -> Void
  ) throws(StoreError) {
    try db.each(
      """
      select audience_id, many_calls, group_id is null from (
        select due from (
          select id as due from lane indexed by lanes_due_longest
          where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?3
            and max(ready_ms, spread_ms) <= ?5
          order by max(ready_ms, spread_ms) limit ?6)
        union all
        select due from (
          select id as due from lane indexed by lanes_spread
          where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = ?3
            and ready_ms <= ?5
          order by max(ready_ms, spread_ms - 500000000000000) limit ?6)
        union all
        select due from (
          select id as due from lane indexed by lanes_due_longest
          where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?4
            and max(ready_ms, spread_ms) <= ?5
          order by max(ready_ms, spread_ms) limit ?6)
        union all
        select due from (
          select id as due from lane indexed by lanes_spread
          where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = ?4
            and ready_ms <= ?5
          order by max(ready_ms, spread_ms - 500000000000000) limit ?6)
        limit ?6)
      cross join lane on id = due
      """, pick.account, pick.kind, pick.first, pick.second, pick.now, .int(limit)
    ) { (row) throws(StoreError) in try body(row) }
  }
}
