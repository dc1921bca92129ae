import Planning

extension WorkerStore {
  /// Closes the calls that an earlier run left in flight; returns how many there were. The worker
  /// lock is ours, so they have lost their owner: their outcome is unknown, their slots stay
  /// charged, and what they carried is sent again.
  ///
  /// If a call was being settled, some of its asks have already ended. Its lanes get an expiry of
  /// 0, so that they are checked before they are sent.
  package func recover(at now: Moment) throws(StoreError) -> Int {
    let calls = try db.all(
      """
      select id, account_id, ended_ms is not null from call
      where id in (
        select id from call indexed by calls_under_way where ended_ms is null
        union select call_id from lane indexed by lanes_in_flight where call_id is not null)
      """
    ) { (row) throws(StoreError) in (id: row.int(0), account: row.int(1), hasEnded: row.bool(2)) }
    for call in calls {
      try recoverParcels(of: call.id)
      let lanes = try db.all(
        "select id, audience_id, follow_id from lane where call_id = ? and audience_id is not null",
        .int(call.id)
      ) { (row) throws(StoreError) in
        (id: row.int(0), audience: row.int(1), follow: row.optionalInt(2))
      }
      for lane in lanes {
        let wanted =
          try lane.follow.map { (follow) throws(StoreError) in
            try union(lane.audience, follow, account: call.account, at: now)
          } ?? lane.audience
        try db.execute(
          """
          update lane set state = 'waiting', call_id = null, follow_id = null,
            audience_id = ?2, many_calls = ?3, ready_ms = slot_ms, expires_ms = iif(?4, 0, expires_ms),
            error = 'a run ended before its call was answered'
          where id = ?1
          """, .int(lane.id), .int(wanted), .of(try takesManyCalls(wanted)), .of(call.hasEnded))
      }
      try db.execute(
        """
        update call set outcome = 'unknown', ended_ms = ?2,
          message = 'the run ended before the answer came'
        where id = ?1 and ended_ms is null
        """, .int(call.id), .of(now))
    }
    let lost = try db.all(
      "select id from lane indexed by lanes_in_flight where call_id is not null"
    ) { (row) throws(StoreError) in row.int(0) }
    for lane in lost { try putBack(lane, at: now) }
    // Rows that a key waits for may have been changed meanwhile.
    try db.execute(
      """
      update lane set expires_ms = 0 where id in (
        select lane.id from account cross join lane indexed by lanes_due_longest
        on account_id = account.id and lane.kind in ('key', 'url') and state = 'waiting')
      """)
    return calls.count
  }

  /// Feishu may have applied the parcel of a lost call. If its kind allows that, it is kept and
  /// repeated unchanged.
  private func recoverParcels(of call: Int) throws(StoreError) {
    let lanes = try db.all(
      "select id, kind from lane where call_id = ? and audience_id is null", .int(call)
    ) { (row) throws(StoreError) in (id: row.int(0), kind: Kind(rawValue: row.text(1))) }
    for lane in lanes {
      let kept = try parcel(of: lane.id)
      try put(lane.kind.flatMap { kept?.afterLostCall(of: $0) }, of: lane.id)
      try db.execute(
        """
        update lane set state = 'waiting', call_id = null, follow_id = null, ready_ms = slot_ms,
          error = 'a run ended before its call was answered'
        where id = ?1
        """, .int(lane.id))
      try refreshTimes(of: lane.id)
    }
  }
}
