import Planning

extension Connection {
  borrowing func lastClock() throws(StoreError) -> LastClock {
    let last = try first("select boot, offset_ms, newest_ms, skew_ms from worker") {
      (row) throws(StoreError) in
      LastClock(
        boot: row.optionalText(0), clocks: Clocks(offset: row.bounded(1), skew: row.bounded(3)),
        seen: row.moment(2))
    }
    guard let last else { throw .damagedRow("the table worker is empty") }
    return last
  }
}

extension WorkerStore {
  private func lastClock() throws(StoreError) -> LastClock { try db.lastClock() }

  /// The newest moment that any run has recorded.
  package func lastMoment() throws(StoreError) -> Moment { try lastClock().seen }

  package func isOtherClock(_ reading: ClockReading) throws(StoreError) -> Bool {
    try !lastClock().isSame(as: reading)
  }

  /// Lanes whose slot is later than the newest recorded moment. This reads all lanes, so it is done
  /// outside a transaction: other programs may write meanwhile, but none of them moves a slot into
  /// the future.
  package func chargedLanes() throws(StoreError) -> [Int] {
    try db.all("select id from lane where slot_ms > (select newest_ms from worker)") {
      (row) throws(StoreError) in row.int(0)
    }
  }

  /// Sets the queue's clock: the time since boot plus an offset that stays the same while the
  /// machine is up. Setting the wall clock therefore changes nothing, in this run or the next.
  ///
  /// `charged` are the `chargedLanes`, which must be read beforehand if `isOtherClock`.
  package func setClock(
    _ reading: ClockReading, charged: [Int]
  ) throws(StoreError) {
    let last = try lastClock()
    let isSame = last.isSame(as: reading)
    clocks = last.next(reading)
    if !isSame {
      try stopTimeWhileAway(from: last.seen, to: clocks.queue(reading.sinceBoot), charged)
    }
    if !isSame || clocks.offset != last.clocks.offset {
      try db.execute(
        "update worker set boot = ?, offset_ms = ?", .of(reading.boot), .int(clocks.offset))
    }
    // From now on the triggers may run: no worker of an older version is at work, whose own writes
    // would run them.
    try db.execute("update worker set guards = 1 where guards = 0")
    try keepTime(reading)
  }

  /// When the clock is another one, for example after a restart of the machine, nobody knows for
  /// certain how much time has passed. For slots and rate limits, treat it as none: a slot may be
  /// late by at most one window, but is never early. A slot more than an hour away was changed by
  /// hand and is moved closer.
  private func stopTimeWhileAway(
    from seen: Moment, to now: Moment, _ charged: [Int]
  ) throws(StoreError) {
    for lane in charged {
      try db.execute(
        """
        update lane set
          slot_ms = min(min(slot_ms, ?4) + ?1, ?5),
          ready_ms = iif(ready_ms > ?2, min(min(ready_ms, ?4) + ?1, ?5), ready_ms)
        where id = ?3 and slot_ms > ?2
        """, .of(now - seen), .of(seen), .int(lane), .int(Int.most), .of(now + .hours(1)))
    }
    // The calls of the last minute count as if the machine had never been off.
    try db.execute(
      """
      update call set started_ms = min(min(started_ms, ?3) + ?1, ?4),
        sent_ms = min(max(min(sent_ms, ?3), -?3) + ?1, ?4),
        ended_ms = min(max(min(ended_ms, ?3), -?3) + ?1, ?4)
      where id in (
        select call.id
        from account, (select name as value from kind union all select 'auth') as api
        join call indexed by calls_of_a_budget
          on account_id = account.id and call.api = api.value and started_ms > ?2 - 60000)
      """, .of(now - seen), .of(seen), .int(Int.most), .of(now))
  }

  /// Records this moment and what the wall clock shows.
  package func keepTime(_ reading: ClockReading) throws(StoreError) {
    clocks.see(reading)
    // The boot and the offset are written as well, because the row may have been changed by hand
    // during the run.
    try db.execute(
      "update worker set newest_ms = ?, skew_ms = ?, boot = ?, offset_ms = ?",
      .of(clocks.queue(reading.sinceBoot)), .int(clocks.skew), .of(reading.boot),
      .int(clocks.offset))
  }
}
