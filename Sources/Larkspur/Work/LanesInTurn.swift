import Planning

/// Which lanes are due, in which order. Almost all wait in one order, by the index
/// `lanes_due_longest`. Previews of a key whose turn is still ahead are due too, but go only when
/// nothing else is; the index `lanes_spread` holds them.
extension WorkerStore {
  /// The first lane in turn. `isUntried` leaves out lanes whose last call failed.
  func laneInTurn(
    _ channel: Channel, _ order: [Urgency], horizon: Moment, isUntried: Bool
  ) throws(StoreError) -> Int? {
    try db.first(
      """
      select id from (
        select id from lane indexed by lanes_due_longest
        where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?3
          and max(ready_ms, spread_ms) <= ?5 and not (?6 and failed_ms is not null)
        order by max(ready_ms, spread_ms) limit 1)
      union all
      select id from (
        select id from lane indexed by lanes_spread
        where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = ?3
          and max(ready_ms, spread_ms) > ?5 and ready_ms <= ?5 and not (?6 and failed_ms is not null)
        order by max(ready_ms, spread_ms) limit 1)
      union all
      select id from (
        select id from lane indexed by lanes_due_longest
        where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?4
          and max(ready_ms, spread_ms) <= ?5 and not (?6 and failed_ms is not null)
        order by max(ready_ms, spread_ms) limit 1)
      union all
      select id from (
        select id from lane indexed by lanes_spread
        where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 and urgent = ?4
          and max(ready_ms, spread_ms) > ?5 and ready_ms <= ?5 and not (?6 and failed_ms is not null)
        order by max(ready_ms, spread_ms) limit 1)
      limit 1
      """, .int(channel.account), .text(channel.kind.rawValue), .of(order.first?.rawValue),
      .of(order.last?.rawValue), .of(horizon), .of(isUntried)
    ) { (row) throws(StoreError) in row.int(0) }
  }

  /// When the first lane of this channel became due, or when the first one will; of all lanes, and
  /// of the urgent ones.
  package func nextReady(_ channel: Channel) throws(StoreError) -> NextReady {
    let (account, kind) = (Value.int(channel.account), Value.text(channel.kind.rawValue))
    let next = try db.first(
      """
      select
        (select min(max(ready_ms, spread_ms)) from lane indexed by lanes_due_longest
          where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = 0),
        (select min(max(ready_ms, spread_ms)) from lane indexed by lanes_due_longest
          where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = 1),
        exists (select 1 from lane indexed by lanes_spread
          where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0)
      """, account, kind
    ) { (row) throws(StoreError) in
      (
        ordinary: row.optionalMoment(0), urgent: row.optionalMoment(1), areAnySpread: row.bool(2)
      )
    }
    guard var next else { return NextReady() }
    if next.areAnySpread {
      try db.each(
        """
        select urgent, min(ready_ms) from lane indexed by lanes_spread
        where account_id = ?1 and kind = ?2 and state = 'waiting' and spread_ms > 0 group by urgent
        """, account, kind
      ) { (row) throws(StoreError) in
        let ready = row.moment(1)
        if row.bool(0) {
          next.urgent = min(next.urgent ?? ready, ready)
        } else {
          next.ordinary = min(next.ordinary ?? ready, ready)
        }
      }
    }
    return NextReady(ordinary: next.ordinary, urgent: next.urgent)
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
            and max(ready_ms, spread_ms) > ?5 and ready_ms <= ?5
          order by max(ready_ms, spread_ms) limit ?6)
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
            and max(ready_ms, spread_ms) > ?5 and ready_ms <= ?5
          order by max(ready_ms, spread_ms) limit ?6)
        limit ?6)
      cross join lane on id = due
      """, pick.account, pick.kind, pick.first, pick.second, pick.now, .int(limit)
    ) { (row) throws(StoreError) in try body(row) }
  }
}
