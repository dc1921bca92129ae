import Planning

/// What earlier holders of an account have left behind: how its channels are doing, whether it is parked, and lanes
/// that are not as new.
extension WorkerStore {
  /// `text` is what the function `remembered` of the shared queue returns. Asks must be inserted before, because a
  /// parcel names those it carries.
  package func remember(_ text: String, at now: Moment) throws(StoreError) {
    try rememberAccounts(text, at: now)
    try rememberBudgets(text, at: now)
    try rememberLanes(text, at: now)
  }

  private func rememberAccounts(_ text: String, at now: Moment) throws(StoreError) {
    let accounts = try db.all(
      """
      select value ->> 'account', value ->> 'parked', value ->> 'parked_why', value ->> 'probe_ms', value ->> 'refusals'
      from json_each(?, '$.accounts')
      """, .text(text)
    ) { (row) throws(StoreError) in
      (
        name: row.text(0), trouble: Trouble(rawValue: row.optionalText(1) ?? ""),
        why: row.optionalText(2), probe: row.count(3), refusals: row.count(4)
      )
    }
    for known in accounts {
      let id = try account(known.name)
      if let trouble = known.trouble {
        let parked = Parked(trouble: trouble, why: known.why ?? "", probe: now + known.probe)
        try park(id, parked, at: now)
      }
      try put(refusals: known.refusals, ofTokens: id)
    }
  }

  private func rememberBudgets(_ text: String, at now: Moment) throws(StoreError) {
    let wall = clocks.wall(now)
    let (month, monthEnds) = (quotaMonth(of: wall), clocks.queue(nextQuotaMonth(after: wall)))
    let budgets = try db.all(
      """
      select value ->> 'account', value ->> 'api', value ->> 'paused_ms', value ->> 'paused_why',
        value ->> 'paused_for', value ->> 'month', value ->> 'month_calls', value ->> 'refused_mark',
        value ->> '$.memory.failures', value ->> '$.memory.refusals', value ->> '$.memory.deaths',
        value ->> '$.memory.probes', value ->> '$.memory.spent_month', value ->> '$.memory.failed_ms',
        value ->> '$.memory.recovered_ms', value ->> '$.memory.foreign_ms', value ->> '$.memory.limited_ms'
      from json_each(?, '$.budgets')
      """, .text(text)
    ) { (row) throws(StoreError) in
      var record = ChannelRecord()
      record.pausedUntil = row.optionalInt(2).map { now + $0.bounded } ?? .zero
      record.pausedWhy = row.optionalText(3)
      record.pausedFor = row.optionalText(4).flatMap { PauseReason(rawValue: $0) } ?? .paused
      let ends = row.bounded(5) == month ? monthEnds : .zero
      record.months = MonthlyCalls(
        shown: .init(number: row.bounded(5), calls: row.bounded(6), ends: ends), other: nil)
      record.refusedMark = row.optionalInt(7)
      record.health.failures = row.count(8)
      record.health.refusals = row.count(9)
      record.health.deaths = row.count(10)
      record.health.probes = row.isNull(11) ? nil : row.count(11)
      record.spentMonth = row.optionalBounded(12)
      record.health.failedAt = row.optionalInt(13).map { now - $0.bounded } ?? .zero
      record.health.recoveredAt = row.optionalInt(14).map { now - $0.bounded } ?? .zero
      record.health.foreignSince = row.optionalInt(15).map { now - $0.bounded }
      record.limitedAt = row.optionalInt(16).map { now - $0.bounded }
      return (account: row.text(0), api: API(rawValue: row.text(1)), record: record)
    }
    for budget in budgets {
      guard let api = budget.api else { continue }
      try put(budget.record, try account(budget.account), api)
    }
    // The shared queue has it.
    try db.execute(
      """
      delete from changed_budget where account_id in (
        select account.id from json_each(?, '$.budgets') join account on account.name = value ->> 'account')
      """, .text(text))
  }

  /// Nothing of the channel is sent before `moment`; a longer pause stays.
  package func pause(
    _ channel: Channel, until moment: Moment, why: String
  ) throws(StoreError) {
    var record = try budget(channel.account, channel.kind.api)
    record.pause(until: moment, for: .paused, why: why)
    try put(record, channel.account, channel.kind.api)
  }

  private func rememberLanes(_ text: String, at now: Moment) throws(StoreError) {
    let notes = try db.all(
      "select value ->> 'account', value ->> 'kind', value ->> 'lane', value -> 'body' from json_each(?, '$.notes')",
      .text(text)
    ) { (row) throws(StoreError) in
      (
        account: row.text(0), kind: Kind(rawValue: row.text(1)), lane: row.text(2),
        body: row.text(3)
      )
    }
    for note in notes {
      guard let kind = note.kind else { continue }
      let channel = Channel(account: try account(note.account), kind: kind)
      let lane = try charge(channel, lane: note.lane, until: .zero)
      try db.execute(
        """
        update lane set attempts = ifnull(?2 ->> 'attempts', 0), error = ?2 ->> 'error',
          memory = ifnull(?2 ->> 'memory', '{}'), result = ?2 ->> 'result',
          failed_ms = ?3 - (?2 ->> 'failed_ms'), failing_ms = ?3 - (?2 ->> 'failing_ms'),
          slot_ms = max(slot_ms, ?3 + ifnull(?2 ->> 'ready_ms', 0))
        where id = ?1
        """, .int(lane), .text(note.body), .of(now))
      try rememberParcel(of: lane, kind, note.body)
    }
  }

  /// Its call may have been carried out, so a kind that can is to repeat it unchanged.
  private func rememberParcel(of lane: Int, _ kind: Kind, _ note: String) throws(StoreError) {
    try db.execute(
      """
      insert or replace into parcel (lane_id, asks, fields, body, uncertain, name_given, number_given, renumbered,
        renamed, waits)
      select ?1, (
          select json_group_array(shared_ask.id) from json_each(parcel, '$.asks') as each
          join shared_ask on shared_ask.number = each.value),
        parcel ->> 'fields', parcel ->> 'body', parcel ->> 'uncertain', parcel ->> 'name_given',
        parcel ->> 'number_given', parcel ->> 'renumbered', parcel ->> 'renamed', parcel ->> 'waits'
      from (select ?2 -> 'parcel' as parcel) where json_type(parcel) = 'object'
      """, .int(lane), .text(note))
    if let kept = try parcel(of: lane) { try put(kept.afterLostCall(of: kind), of: lane) }
  }
}
