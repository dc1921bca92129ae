import Planning

extension Inspector {
  /// What was cancelled, and what could not be because a call carries it.
  package struct Cancelled: Equatable, Sendable {
    package var asks = 0
    package var callsUnderWay = 0
  }

  /// Cancels everything pending or dead for the lanes of this name, except what a call carries
  /// right now. `progress` is told how many asks are cancelled so far and returns whether to
  /// continue.
  package borrowing func cancel(
    lane name: String, account: String?, progress: (Int) -> Bool = { _ in true }
  ) throws(QueueError) -> Cancelled {
    try perform { () throws(StoreError) in
      var cancelled = Cancelled()
      // Reading does not keep others from writing. An ask that is folded meanwhile is found in its
      // lane.
      let homeless = try asksInNoLane(named: name, account: account)
      try cancel(homeless: homeless, &cancelled, progress)
      for lane in try lanes(named: name, account: account) where progress(cancelled.asks) {
        try cancel(lane: lane, &cancelled, progress)
      }
      return cancelled
    }
  }

  /// Asks that are in no lane.
  borrowing func cancel(
    homeless asks: [Int], _ cancelled: inout Cancelled, _ progress: (Int) -> Bool
  ) throws(StoreError) {
    try inSlices(asks) { (ask) throws(StoreError) in
      try cancel(homeless: ask)
      cancelled.asks += db.changes
    } isWanted: {
      progress(cancelled.asks)
    }
  }

  /// What is pending or dead in a lane.
  borrowing func cancel(
    lane: Int, _ cancelled: inout Cancelled, _ progress: (Int) -> Bool
  ) throws(StoreError) {
    try inSlices { (rows) throws(StoreError) in
      let asks = try cancelAsks(of: lane, atMost: rows)
      cancelled.asks += asks
      if asks == rows {
        // If this is the last slice, the worker works out what the lane still wants.
        try look(at: lane)
        return !progress(cancelled.asks)
      }
      cancelled.callsUnderWay += try stopWanting(lane)
      return true
    }
  }

  /// Asks that have not been folded yet, are held back, or died before they joined a lane.
  private borrowing func asksInNoLane(
    named name: String, account: String?
  ) throws(StoreError) -> [Int] {
    try db.all(
      """
      select id from ask
      where id > (select folded_ask from worker) and outcome is null and lane_id is null
        and lane = ?1 and (?2 is null or account = ?2)
      union
      select id from ask indexed by asks_held_back
      where due_ms is not null and lane_id is null and outcome is null
        and lane = ?1 and (?2 is null or account = ?2)
      union
      select id from ask indexed by asks_dead
      where outcome = 'dead' and lane_id is null and lane = ?1 and (?2 is null or account = ?2)
      """, .text(name), .of(account)
    ) { (row) throws(StoreError) in row.int(0) }
  }

  private borrowing func cancel(homeless ask: Int) throws(StoreError) {
    try db.execute(
      """
      update ask set outcome = 'cancelled', reason = null, refused = null,
        ended_ms = (select now_ms from clock)
      where id = ? and lane_id is null and (outcome is null or outcome = 'dead')
      """, .int(ask))
  }

  /// Cancels asks of a lane that no call carries. Returns how many.
  private borrowing func cancelAsks(of lane: Int, atMost limit: Int) throws(StoreError) -> Int {
    try db.execute(
      """
      update ask set outcome = 'cancelled', reason = null, refused = null,
        ended_ms = (select now_ms from clock)
      where id in (
        select id from (
          select id from ask indexed by asks_of_a_lane
          where lane_id = ?1 and outcome is null
            and not exists (select 1 from lane
              where lane.id = ask.lane_id and lane.state = 'in_flight'
                and iif(lane.kind = 'preview', ask.first_call <= lane.calls,
                  exists (select 1 from parcel, json_each(parcel.asks) as packed
                    where parcel.lane_id = lane.id and packed.value = ask.id)))
          limit ?2)
        union all
        select id from (
          select id from ask indexed by asks_dead where outcome = 'dead' and lane_id = ?1 limit ?2)
        limit ?2)
      """, .int(lane), .int(limit))
    return db.changes
  }

  /// Makes the worker check a lane as if some of its asks had expired, so that it wants no more
  /// than its asks do.
  private borrowing func look(at lane: Int) throws(StoreError) {
    try db.execute(
      "update lane set expires_ms = 0 where id = ? and state = 'waiting'", .int(lane))
    try tellWorker()
  }

  /// Makes the lane want nothing any more, or nothing after the call that it is in. Returns how
  /// many calls it is in: 0 or 1.
  private borrowing func stopWanting(_ lane: Int) throws(StoreError) -> Int {
    try db.execute(
      """
      delete from parcel
      where lane_id = ?1 and exists (select 1 from lane where id = ?1 and state = 'waiting')
      """, .int(lane))
    try db.execute(
      """
      update lane set state = 'idle', audience_id = null, many_calls = 0, since_ms = null,
        slot_ms = max(slot_ms, (select newest_ms from worker)), ready_ms = null,
        expires_ms = null, attempts = 0, evidence = null, failed_ms = null,
        failing_ms = null, limits = 0,
        error = null, group_id = null, people_max = null, strikes = 0, proven = 0
      where id = ? and state = 'waiting'
      """, .int(lane))
    try db.execute(
      "update lane set follow_id = null where id = ? and state = 'in_flight'", .int(lane))
    let calls = db.changes
    // What a key stood for. The lanes drop what nothing else wants.
    try db.execute(
      """
      delete from ask where id in (
        select id from ask indexed by parts_of_a_key where part_of = ? and outcome is null)
      """, .int(lane))
    try db.execute("delete from not_refreshed where lane_id = ?", .int(lane))
    try tellWorker()
    return calls
  }
}
