import Planning

/// The totals of what has ended. They are rows of their own, because asks and calls are pruned, and
/// they are brought up to date now and then, because adding to them in each settle would make it
/// slower.
///
/// A moment by the index `asks_ended` is a safe mark: whatever the worker ends later ends at this
/// moment or after it. What others delete or end before the mark is kept by triggers in
/// `uncounted_ask` and `uncounted_call`.
extension WorkerStore {
  /// Adds what has ended before `now` and was not counted yet, at most `rows` rows of each kind.
  /// True when nothing is left to count.
  package func addToTotals(endedBefore now: Moment, rows: Int) throws(StoreError) -> Bool {
    let mark = try countedMark(at: now)
    let asks = try asksToCount(after: mark, before: now, rows: rows)
    let call = try lastCall(after: mark, rows: rows)
    let others = try lastOfOthers(rows: rows)
    if asks.isEmpty, call == nil, others.ask == 0, others.call == 0 { return true }
    let next = CountedMark(
      ended: asks.last?.ended ?? mark.ended, ask: asks.last?.id ?? mark.ask,
      call: call?.id ?? mark.call)
    let ids = Self.list(asks.map(\.id))
    try addAsks(ids, others: others.ask)
    try addWaits(ids, others: others.ask)
    try addCalls(from: mark, to: next, others: others.call)
    try db.execute("delete from uncounted_ask where id <= ?", .int(others.ask))
    try db.execute("delete from uncounted_call where id <= ?", .int(others.call))
    try db.execute(
      "update worker set counted_ms = ?, counted_ask = ?, counted_call = ?", .of(next.ended),
      .int(next.ask), .int(next.call))
    return asks.count < rows && (call?.rows ?? 0) < rows && others.rows < rows
  }
}

/// How far the totals have come: the last ask by the moment of its end, and the last call.
private struct CountedMark {
  var ended: Moment
  var ask: Int
  var call: Int
}

extension WorkerStore {
  private func countedMark(at now: Moment) throws(StoreError) -> CountedMark {
    // If the clock or the counter of ids was set back by hand, what ends from now on would lie
    // before the mark.
    let mark = try db.first(
      """
      select min(counted_ms, ?), counted_ask,
        min(counted_call, ifnull((select seq from sqlite_sequence where name = 'call'), 0))
      from worker
      """, .of(now)
    ) { (row) throws(StoreError) in
      CountedMark(ended: row.moment(0), ask: row.int(1), call: row.int(2))
    }
    guard let mark else { throw .damagedRow("the table worker is empty") }
    return mark
  }

  private typealias EndedAsk = (ended: Moment, id: Int)

  /// The next asks in the order of their ends. Thousands may have ended in the same millisecond;
  /// behind that one SQLite can only seek if it is a query of its own.
  private func asksToCount(
    after mark: CountedMark, before now: Moment, rows: Int
  ) throws(StoreError) -> [EndedAsk] {
    let same = try db.all(
      """
      select ended_ms, id from ask indexed by asks_ended
      where ended_ms = ?1 and id > ?2 and ended_ms < ?3 order by id limit ?4
      """, .of(mark.ended), .int(mark.ask), .of(now), .int(rows)
    ) { (row) throws(StoreError) -> EndedAsk in (row.moment(0), row.int(1)) }
    let later = try db.all(
      """
      select ended_ms, id from ask indexed by asks_ended
      where ended_ms > ?1 and ended_ms < ?2 order by ended_ms, id limit ?3
      """, .of(mark.ended), .of(now), .int(rows - same.count)
    ) { (row) throws(StoreError) -> EndedAsk in (row.moment(0), row.int(1)) }
    return same + later
  }

  /// Calls end within seconds of their start, so they are counted in the order of their ids, up to
  /// the oldest one that is still under way.
  private func lastCall(
    after mark: CountedMark, rows: Int
  ) throws(StoreError) -> (id: Int, rows: Int)? {
    try db.first(
      """
      select id, count(*) over () from (
        select id from call
        where id > ?1 and id < ifnull(
          (select min(id) from call indexed by calls_under_way where ended_ms is null), ?3)
        order by id limit ?2)
      order by id desc limit 1
      """, .int(mark.call), .int(rows), .int(.max)
    ) { (row) throws(StoreError) in (row.int(0), row.int(1)) }
  }

  /// The last rows of the next ones that the triggers have kept. Zero if there are none.
  private func lastOfOthers(
    rows: Int
  ) throws(StoreError) -> (ask: Int, call: Int, rows: Int) {
    try db.first(
      """
      select
        (select max(id) from (select id from uncounted_ask order by id limit ?1)),
        (select max(id) from (select id from uncounted_call order by id limit ?1)),
        max((select count(*) from (select 1 from uncounted_ask limit ?1)),
          (select count(*) from (select 1 from uncounted_call limit ?1)))
      """, .int(rows)
    ) { (row) throws(StoreError) in (row.int(0), row.int(1), row.int(2)) } ?? (0, 0, 0)
  }

  /// A total that was set to nonsense by hand must not stop the worker with an overflow.
  private func addAsks(_ ids: String, others: Int) throws(StoreError) {
    try db.execute(
      """
      with ended as (
        select account, kind, outcome from json_each(?1) as counted cross join ask
        where ask.id = counted.value and outcome is not null
          -- A part of an ask by key is not an ask of anybody.
          and part_of is null
        union all
        select account, kind, outcome from uncounted_ask where id <= ?2)
      insert into total (what, account, api, outcome, count)
      select 'ask', account, kind, outcome, count(*) from ended where true
      group by account, kind, outcome
      on conflict do update set count = min(max(count, 0), 1000000000000000) + excluded.count
      """, .text(ids), .int(others))
  }

  /// The wait of an ask that had a delay begins at its end. What was delivered without a call, as a
  /// session that was up to date already, did not wait for one.
  private func addWaits(_ ids: String, others: Int) throws(StoreError) {
    // Put into buckets here: SQLite would go through all of them for each ask.
    var waits = Staleness()
    try db.each(
      """
      select ended_ms, asked_ms, after_ms from json_each(?1) as counted cross join ask
      where ask.id = counted.value
        and outcome = 'delivered' and call_id is not null and part_of is null
      union all
      select ended_ms, asked_ms, after_ms from uncounted_ask
      where id <= ?2 and outcome = 'delivered' and call_id is not null
      """, .text(ids), .int(others)
    ) { (row) throws(StoreError) in
      waits.add(wait: clocks.wall(row.moment(0)) - row.wallMoment(1) - row.bounded(2))
    }
    for bucket in waits.disjoint {
      try db.execute(
        """
        insert into staleness (up_to_ms, asks, took_ms) values (?, ?, ?)
        on conflict do update set asks = min(max(asks, 0), 1000000000000000) + excluded.asks,
          took_ms = min(max(took_ms, 0), 1000000000000000000) + excluded.took_ms
        """, .int(bucket.bound), .int(bucket.asks), .int(bucket.took))
    }
  }

  private func addCalls(
    from mark: CountedMark, to next: CountedMark, others: Int
  ) throws(StoreError) {
    try db.execute(
      """
      with ended as (
        select ifnull(account.name, '?') as account, api, outcome, json_array_length(lanes) as lanes
        from call left join account on account.id = call.account_id
        where call.id > ?1 and call.id <= ?2 and outcome is not null
        union all
        select account, api, outcome, lanes from uncounted_call where id <= ?3)
      insert into total (what, account, api, outcome, count, lanes)
      select 'call', account, api, outcome, count(*), sum(lanes) from ended where true
      group by account, api, outcome
      on conflict do update set count = min(max(count, 0), 1000000000000000) + excluded.count,
        lanes = min(max(lanes, 0), 1000000000000000) + excluded.lanes
      """, .int(mark.call), .int(next.call), .int(others))
  }
}
