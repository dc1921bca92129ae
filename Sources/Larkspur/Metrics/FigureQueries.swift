import Planning

extension QueueFigures {
  /// Reads the figures at `wall`. Each query answers from an index, because a million lanes must
  /// not make it slow.
  init(_ db: borrowing Connection, at wall: WallMoment) throws(StoreError) {
    self.init()
    try readAccounts(db, month: quotaMonth(of: wall))
    try readLanes(db)
    try readOldestDue(db)
    try readTotals(db)
    try readStaleness(db)
    try readWorker(db)
  }

  private mutating func readAccounts(
    _ db: borrowing Connection, month: Int
  ) throws(StoreError) {
    accounts = try db.all(
      """
      select account.name, parked, limits ->> '$.monthly_quota', (
        select sum(min(month_calls, ?2)) from budget join kind on kind.name = budget.api
        where budget.account_id = account.id and has_quota and month = ?1),
        iif(configured = 1, ticket_ms + skew_ms, null)
      from clock, account
      """, .int(month), .int(.most)
    ) { (row) throws(StoreError) in
      Account(
        name: row.text(0), trouble: Trouble(rawValue: row.text(1)), monthCalls: row.count(3),
        quota: row.optionalBounded(2), ticketWritten: row.optionalInt(4).map(WallMoment.init(ms:)))
    }
    try db.each(
      "select account.name, api from budget join account on account.id = budget.account_id"
    ) { (row) throws(StoreError) in used.insert(Owner(account: row.text(0), api: row.text(1))) }
  }

  /// As in the view `queue`, but for asks that no worker has put in a lane yet.
  private mutating func readLanes(_ db: borrowing Connection) throws(StoreError) {
    try db.each(
      """
      with channel as materialized (
        select account.id as account_id, account.name as account, kind.name as kind, now_ms,
          account.parked is not null as parked,
          max(ifnull(paused_ms, 0), ifnull(opening ->> '$.credentials', 0)) > now_ms as paused,
          -- A key waits for its previews, which are lanes of their own.
          ifnull(configured = 0, 0) or kind.name in ('key', 'url') as unconfigured,
          -- The rest of the month's calls is kept for urgent lanes.
          ifnull(opening ->> '$.reserve', 0) > now_ms as reserved
        from clock cross join account cross join kind
        left join budget on budget.account_id = account.id and budget.api = kind.name),
      counted as materialized (
        select *,
          (select count(*) from lane indexed by lanes_due_longest
            where account_id = channel.account_id and kind = channel.kind and state = 'waiting'
              and urgent in (reserved, 1) and max(ready_ms, spread_ms) <= now_ms)
          + spread as due,
          (select count(*) from lane indexed by lanes_due_longest
            where account_id = channel.account_id and kind = channel.kind
              and state = 'waiting') as "all"
        from (
          select *,
            -- Due, although their turn is still ahead.
            (select count(*) from lane indexed by lanes_spread
              where account_id = channel.account_id and kind = channel.kind and state = 'waiting'
                and spread_ms > 0 and urgent in (reserved, 1) and ready_ms <= now_ms) as spread
          from channel) as channel)
      select account, kind, parked, paused, unconfigured, due, "all" from counted where "all" > 0
      """
    ) { (row) throws(StoreError) in
      let owner = Owner(account: row.text(0), api: row.text(1))
      let all = row.count(6)
      if row.bool(2) {
        add(all, .parked, to: owner)
      } else if row.bool(3) {
        add(all, .paused, to: owner)
      } else {
        let due = row.bool(4) ? 0 : row.count(5)
        add(due, .ready, to: owner)
        add(all - due, .waiting, to: owner)
      }
    }
    try db.each(
      """
      select account.name, lane.kind, count(*)
      from lane indexed by lanes_in_flight join account on account.id = lane.account_id
      where call_id is not null group by account.id, lane.kind
      """
    ) { (row) throws(StoreError) in
      add(row.count(2), .inFlight, to: Owner(account: row.text(0), api: row.text(1)))
    }
    deadLanes =
      try db.first(
        """
        select
          (select count(distinct lane_id) from ask indexed by asks_dead where outcome = 'dead')
          + (select count(*) from (
            select distinct account, kind, lane from ask indexed by asks_dead
            where outcome = 'dead' and lane_id is null))
        """
      ) { (row) throws(StoreError) in row.count(0) } ?? 0
  }

  private mutating func add(_ count: Int, _ state: LaneState, to owner: Owner) {
    used.insert(owner)
    lanes[owner, default: [:]][state, default: 0] += count
  }

  /// Also asks that no worker has put in a lane yet: if none runs, that is where they stay.
  private mutating func readOldestDue(_ db: borrowing Connection) throws(StoreError) {
    oldestDue =
      try db.first(
        """
        with due (at_ms) as (
          select min(
            ifnull((
              select min(max(ready_ms, spread_ms)) from lane indexed by lanes_due_longest
              where account_id = account.id and kind = kind.name and state = 'waiting'
                and lane.urgent = class.urgent), ?1),
            -- Most previews of a key wait in a line of their own, behind all others.
            ifnull((
              select min(max(ready_ms, spread_ms - 500000000000000)) from lane indexed by lanes_spread
              where account_id = account.id and kind = kind.name and state = 'waiting'
                and spread_ms > 0 and lane.urgent = class.urgent), ?1))
          from clock cross join account cross join kind
          cross join (select 0 as urgent union all select 1) as class
          left join budget on budget.account_id = account.id and budget.api = kind.name
          where ifnull(configured, 1) = 1
            and (class.urgent = 1 or ifnull(opening ->> '$.reserve', 0) <= now_ms)
          union all
          select min(due_ms) from ask indexed by asks_held_back
          where due_ms is not null and lane_id is null and outcome is null
          union all
          select min(asked_ms) - skew_ms from clock cross join ask indexed by asks_not_folded
          where lane_id is null and due_ms is null and outcome is null
            and after_ms = 0 and expires_in_ms is null
          union all
          select min(asked_ms) - skew_ms from clock cross join ask indexed by asks_not_folded_expiring
          where lane_id is null and due_ms is null and outcome is null
            and after_ms = 0 and expires_in_ms is not null
          union all
          select min(asked_ms + after_ms) - skew_ms
          from clock cross join ask indexed by asks_not_folded_delayed
          where lane_id is null and due_ms is null and outcome is null and after_ms > 0)
        select min(at_ms) + skew_ms from clock cross join due where at_ms <= now_ms
        """, .int(Turn.behindOthers)
      ) { (row) throws(StoreError) in row.isNull(0) ? nil : row.wallMoment(0) } ?? nil
  }

  private mutating func readTotals(_ db: borrowing Connection) throws(StoreError) {
    try db.each("select what, account, api, outcome, count, lanes from total") {
      (row) throws(StoreError) in
      let owner = Owner(account: row.text(1), api: row.text(2))
      let outcome = row.text(3)
      used.insert(owner)
      if row.text(0) == "ask" {
        asks[owner, default: [:]][outcome, default: 0] += row.count(4)
      } else {
        calls[owner, default: [:]][outcome, default: 0] += row.count(4)
        if owner.api == API.preview.rawValue, outcome == "delivered" { refreshes += row.count(5) }
      }
    }
  }

  private mutating func readStaleness(_ db: borrowing Connection) throws(StoreError) {
    try db.each("select up_to_ms, asks, took_ms from staleness") { (row) throws(StoreError) in
      staleness.add(row.count(1), upTo: row.int(0), took: max(0, row.int(2)))
    }
  }

  /// What the queue itself knows of its worker: when one last wrote.
  private mutating func readWorker(_ db: borrowing Connection) throws(StoreError) {
    workerSeen =
      try db.first("select newest_ms, skew_ms from worker") { (row) throws(StoreError) in
        row.int(0) > 0 ? WallMoment(ms: row.bounded(0) + row.bounded(1)) : nil
      } ?? nil
  }
}

extension WorkerStore {
  /// The figures as the worker that looks now sees them.
  package func figures(at wall: WallMoment) throws(StoreError) -> QueueFigures {
    var figures = try QueueFigures(db, at: wall)
    figures.workerSeen = wall
    return figures
  }
}

extension QueueReader {
  /// The figures for somebody who only looks, and may be another user.
  package borrowing func figures(at wall: WallMoment) throws(StoreError) -> QueueFigures {
    try QueueFigures(db, at: wall)
  }
}
