import Planning

/// How a run of the worker ended.
package enum RunEnding: String, Sendable {
  /// It reached its goal, or its time was up.
  case ended
  /// A person or the system stopped it.
  case stopped
  /// It left no word: it was killed, or the machine failed.
  case died
}

/// The table `span`: when the worker ran, and when accounts were paused or parked. One row is
/// written per change, so that people can ask later what happened.
extension WorkerStore {
  /// An earlier run without an end has died. It is known to have lived until its last recorded
  /// moment.
  package func beginRun(lastSeen: Moment, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update span set ended_ms = max(began_ms, ?1), reason = 'died'
      where what = 'run' and account_id is null and ended_ms is null
      """, .of(min(lastSeen, now)))
    try db.execute("insert into span (what, began_ms) values ('run', ?)", .of(now))
  }

  package func endRun(_ ending: RunEnding, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update span set ended_ms = max(began_ms, ?1), reason = ?2
      where what = 'run' and account_id is null and ended_ms is null
      """, .of(now), .text(ending.rawValue))
  }

  /// Records that an account is parked, or no longer is.
  func noteParking(
    _ account: Int, _ parked: Parked?, at now: Moment
  ) throws(StoreError) {
    let open = try db.first(
      "select id, reason from span where what = 'parking' and account_id = ? and ended_ms is null",
      .int(account)
    ) { (row) throws(StoreError) in (id: row.int(0), reason: row.text(1)) }
    if let open, open.reason == parked?.trouble.rawValue { return }
    if let open {
      try db.execute(
        "update span set ended_ms = max(began_ms, ?2) where id = ?1", .int(open.id), .of(now))
    }
    guard let parked else { return }
    try db.execute(
      """
      insert into span (what, account_id, reason, why, began_ms) values ('parking', ?, ?, ?, ?)
      """, .int(account), .text(parked.trouble.rawValue), .text(parked.why), .of(now))
  }

  /// Records that the calls of an API are paused, that the pause has become longer, or that it is
  /// over before its planned end.
  package func notePause(
    _ record: ChannelRecord, _ account: Int, _ api: API, at now: Moment
  ) throws(StoreError) {
    let last = try db.first(
      """
      select id, reason, ended_ms from span indexed by spans_of_a_channel
      where account_id = ? and api = ? and api is not null order by id desc limit 1
      """, .int(account), .text(api.rawValue)
    ) { (row) throws(StoreError) in (id: row.int(0), reason: row.text(1), ends: row.moment(2)) }
    let isPaused = record.pausedUntil > now
    // A pause that is prolonged just as it ends is the same one.
    if let last, isPaused, last.reason == record.pausedFor.rawValue, last.ends + .seconds(1) >= now
    {
      return try db.execute(
        "update span set ended_ms = ?2, why = ?3 where id = ?1", .int(last.id),
        .of(record.pausedUntil), .of(record.pausedWhy))
    }
    if let last, last.ends > now {
      try db.execute(
        "update span set ended_ms = max(began_ms, ?2) where id = ?1", .int(last.id), .of(now))
    }
    guard isPaused else { return }
    try db.execute(
      """
      insert into span (what, account_id, api, reason, why, began_ms, ended_ms)
      values ('pause', ?, ?, ?, ?, ?, ?)
      """, .int(account), .text(api.rawValue), .text(record.pausedFor.rawValue),
      .of(record.pausedWhy), .of(now), .of(record.pausedUntil))
  }
}
