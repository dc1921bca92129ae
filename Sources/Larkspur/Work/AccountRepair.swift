import Planning

/// Repairs damaged accounts: lanes whose account is missing, so that nothing would ever send them,
/// and impossible numbers in what is stored about accounts.
extension WorkerStore {
  /// Lanes moved to another account in one transaction.
  private static let lanesMoved = 500

  /// Repairs the lanes of one missing account. True if no account is missing.
  package func repairAccounts(at now: Moment) throws(StoreError) -> Bool {
    // Looked up one by one: reading all lanes takes long if there are a million.
    let missing = try db.first(
      """
      with recursive named (id) as (
        select min(account_id) from lane
        union all
        select (select min(account_id) from lane where account_id > named.id) from named
        where id is not null)
      select id from named
      where id is not null and not exists (select 1 from account where account.id = named.id)
        and exists (select 1 from lane where account_id = named.id and state <> 'idle')
      """
    ) { (row) throws(StoreError) in row.int(0) }
    guard let missing else { return true }
    accountIDs = [:]
    let name = try nameAsked(of: missing)
    let other = try db.first("select id from account where name = ?", .text(name)) {
      (row) throws(StoreError) in row.int(0)
    }
    if let other {
      let hasLanes = try db.first("select 1 from lane where account_id = ? limit 1", .int(other)) {
        (row) throws(StoreError) in true
      }
      if hasLanes == true {
        try moveLanes(from: missing, to: other, at: now)
      } else {
        try db.execute("update account set id = ? where id = ?", .int(missing), .int(other))
      }
    } else {
      try db.execute("insert into account (id, name) values (?, ?)", .int(missing), .text(name))
    }
    return false
  }

  /// The account's name, as the asks in its lanes give it.
  private func nameAsked(of account: Int) throws(StoreError) -> String {
    let name = try db.first(
      """
      select ask.account from lane join ask on ask.lane_id = lane.id
      where lane.account_id = ? and lane.state <> 'idle' and ask.outcome is null
        and length(ask.account) between 1 and 64 and ask.account not glob '*[^A-Za-z0-9_.-]*'
      limit 1
      """, .int(account)
    ) { (row) throws(StoreError) in row.text(0) }
    return name ?? "default"
  }

  /// Moves some of the lanes. If the other account already has a lane of that name, the asks join
  /// it, and it gets the later of the two slots.
  private func moveLanes(from old: Int, to new: Int, at now: Moment) throws(StoreError) {
    let lanes = try db.all(
      """
      select id, kind, name, slot_ms from lane
      where account_id = ? and state <> 'idle' limit ?
      """, .int(old), .int(Self.lanesMoved)
    ) { (row) throws(StoreError) in
      (id: row.int(0), kind: row.text(1), name: row.text(2), slot: row.int(3))
    }
    for lane in lanes {
      try db.execute(
        "update or ignore lane set account_id = ? where id = ?", .int(new), .int(lane.id))
      if db.changes > 0 { continue }
      try db.execute(
        """
        update lane set slot_ms = max(slot_ms, ?4), ready_ms = max(ready_ms, slot_ms, ?4)
        where account_id = ?1 and kind = ?2 and name = ?3
        """, .int(new), .text(lane.kind), .text(lane.name), .int(lane.slot))
      // Its asks are then found to be in no lane, and are folded again.
      try db.execute("delete from lane where id = ?", .int(lane.id))
    }
    // The calls of the last minute count against the same rate limit as the next ones.
    try db.execute(
      "update call set account_id = ? where account_id = ? and started_ms > ? - 60000", .int(new),
      .int(old), .of(now))
  }

  /// Resets impossible numbers. A pause with an impossible end becomes one of a minute.
  package func repairBudgets(at now: Moment) throws(StoreError) {
    try db.execute(
      """
      update budget set
        paused_ms = iif(paused_ms between -?2 and ?2, paused_ms, ?1 + 60000),
        month_calls = iif(month_calls between 0 and ?2, month_calls, 0),
        other_calls = iif(other_calls between 0 and ?2, other_calls, 0),
        failures = iif(failures between 0 and ?3, failures, 0),
        refusals = iif(refusals between 0 and ?3, refusals, 0),
        deaths = iif(deaths between 0 and ?3, deaths, 0),
        probes = iif(probes between 0 and ?3, probes, null),
        failed_ms = iif(failed_ms between 0 and ?1, failed_ms, 0),
        recovered_ms = iif(recovered_ms between 0 and ?1, recovered_ms, 0),
        foreign_ms = iif(foreign_ms between 0 and ?1, foreign_ms, null),
        limited_ms = iif(limited_ms between 0 and ?1, limited_ms, null)
      where not (paused_ms between -?2 and ?2 and month_calls between 0 and ?2
        and ifnull(other_calls, 0) between 0 and ?2 and failures between 0 and ?3
        and refusals between 0 and ?3 and deaths between 0 and ?3
        and ifnull(probes, 0) between 0 and ?3 and failed_ms between 0 and ?1
        and recovered_ms between 0 and ?1 and ifnull(foreign_ms, 0) between 0 and ?1
        and ifnull(limited_ms, 0) between 0 and ?1)
      """, .of(now), .int(Int.most), .int(1_000_000))
    try db.execute(
      """
      update account set refusals = iif(refusals between 0 and ?2, refusals, 0),
        probe_ms = min(probe_ms, ?1)
      where refusals not between 0 and ?2 or probe_ms > ?1 + ?3
      """, .of(now), .int(1_000_000), .int(.days(1)))
  }
}
