import Planning

/// What a transaction has changed, as the JSON that the function `turn` of the shared queue reads.
extension WorkerStore {
  /// Nil if nothing changed that others have to know. `counts` when counts of calls are to be written as well.
  package func outbox(withCounts counts: Bool, at now: Moment) throws(StoreError) -> String? {
    let answers = try list(of: Self.answers)
    var parts = [
      ("claims", try list(of: Self.claims)), ("answers", answers),
      ("ends", try list(of: Self.ends)),
      ("notes", try notes(at: now)), ("budgets", try budgets(withCounts: counts, at: now)),
      ("accounts", try accounts(at: now)),
    ].compactMap { name, list in list.map { (name, $0) } }
    if parts.isEmpty { return nil }
    if answers != nil { parts.append(("settled", String(try settledThrough()))) }
    return JSONText.object(parts)
  }

  /// Called once the shared queue has it.
  package func emptyOutbox(withCounts counts: Bool) throws(StoreError) {
    try clearOutbox()
    try db.execute("delete from changed_budget where is_urgent or ?", .of(counts))
  }

  /// Where an heir may begin to read the asks of accounts of which some have ended, as JSON for a turn: `newest` if
  /// none is open. Nil if nothing has changed since `forgetFloors`.
  package func floors(newest: Int, asOf transaction: String) throws(StoreError) -> String? {
    Self.unlessEmpty(
      try db.first(
        """
        select json_group_array(json_object('account', account, 'as_of', ?2, 'open_from', min(?1 + 1, ifnull((
          select min(number) from shared_ask where shared_ask.account = changed_floor.account), ?1 + 1))))
        from changed_floor
        """, .int(newest), .text(transaction)
      ) { (row) throws(StoreError) in row.text(0) })
  }

  package func forgetFloors() throws(StoreError) { try db.execute("delete from changed_floor") }

  private func list(of sql: StaticString) throws(StoreError) -> String? {
    Self.unlessEmpty(try db.first(sql) { (row) throws(StoreError) in row.text(0) })
  }

  /// A turn mentions only what it has.
  private static func unlessEmpty(_ list: String?) -> String? { list == "[]" ? nil : list }

  private static let claims: StaticString = """
    select json_group_array(json_object(
      'id', call.id, 'account', account.name, 'api', call.api,
      'lanes', ifnull((
        select group_concat(lane.name, ' ') from json_each(call.lanes) as each join lane on lane.id = each.value), ''),
      'people', audience.size, 'urgent', call.urgent))
    from changed_call cross join call on call.id = changed_call.id and is_new
    join account on account.id = call.account_id left join audience on audience.id = call.audience_id
    """

  private static let answers: StaticString = """
    select json_group_array(json_object(
      'id', call.id, 'outcome', outcome, 'took_ms', max(ended_ms - started_ms, 0), 'http_status', http_status,
      'code', code, 'message', message, 'log_id', log_id, 'sent_bytes', sent_bytes, 'answer_bytes', answer_bytes))
    from changed_call cross join call on call.id = changed_call.id and outcome is not null
    """

  /// Asks with one end are one entry. Parts of an ask by key have no number there.
  private static let ends: StaticString = """
    select json_group_array(json(entry)) from (
      select json_object(
        'asks', json_group_array(shared_ask.number), 'outcome', outcome, 'reason', reason, 'refused', refused,
        'call', call_id) as entry
      from ended_ask cross join ask on ask.id = ended_ask.id and outcome is not null
      join shared_ask on shared_ask.id = ask.id
      group by outcome, reason, refused, call_id)
    """

  private static let endedNotes: StaticString = """
    select json_group_array(json_object('account', account.name, 'kind', lane.kind, 'lane', lane.name))
    from changed_lane cross join lane on lane.id = changed_lane.id join account on account.id = lane.account_id
    left join parcel on parcel.lane_id = lane.id
    where attempts = 0 and memory = '{}' and parcel.lane_id is null
    """

  /// A lane that is not as new. `ready_ms` is how long it still waits.
  private static let keptNotes: StaticString = """
    select json_group_array(json_object(
      'account', account.name, 'kind', lane.kind, 'lane', lane.name,
      'body', json_object(
        'attempts', attempts, 'error', error, 'memory', memory, 'result', result,
        'failed_ms', ?1 - failed_ms, 'failing_ms', ?1 - failing_ms,
        'waits_for', iif(attempts > 0, 'backoff', null), 'ready_ms', max(ready_ms - ?1, 0),
        'parcel', iif(parcel.lane_id is null, null, json_object(
          'asks', (
            select json_group_array(shared_ask.number) from json_each(parcel.asks) as each
            join shared_ask on shared_ask.id = each.value),
          'fields', fields, 'body', parcel.body, 'uncertain', uncertain, 'name_given', name_given,
          'number_given', number_given, 'renumbered', renumbered, 'renamed', renamed, 'waits', waits)))))
    from changed_lane cross join lane on lane.id = changed_lane.id join account on account.id = lane.account_id
    left join parcel on parcel.lane_id = lane.id
    where attempts > 0 or memory <> '{}' or parcel.lane_id is not null
    """

  private func notes(at now: Moment) throws(StoreError) -> String? {
    let kept = Self.unlessEmpty(
      try db.first(Self.keptNotes, .of(now)) { (row) throws(StoreError) in row.text(0) })
    let ended = try list(of: Self.endedNotes)
    guard let kept else { return ended }
    guard let ended else { return kept }
    return "\(kept.dropLast()),\(ended.dropFirst())"
  }

  /// Spans and not moments: the next holder has another clock.
  private func budgets(withCounts counts: Bool, at now: Moment) throws(StoreError) -> String? {
    Self.unlessEmpty(
      try db.first(
        """
        select json_group_array(json_object(
          'account', account.name, 'api', budget.api, 'paused_ms', max(paused_ms - ?1, 0), 'paused_why', paused_why,
          'paused_for', paused_for,
        'opening', (select json_group_object(key, max(value - ?1, 0)) from json_each(opening)),
        'month', month, 'month_calls', month_calls,
          'refused_mark', refused_mark,
          'memory', json_object(
            'failures', failures, 'refusals', budget.refusals, 'deaths', deaths, 'probes', probes,
            'spent_month', spent_month, 'failed_ms', ?1 - failed_ms, 'recovered_ms', ?1 - recovered_ms,
            'foreign_ms', ?1 - foreign_ms, 'limited_ms', ?1 - limited_ms)))
        from changed_budget cross join budget using (account_id, api) join account on account.id = account_id
        where is_urgent or ?2
        """, .of(now), .of(counts)
      ) { (row) throws(StoreError) in row.text(0) })
  }

  private func accounts(at now: Moment) throws(StoreError) -> String? {
    Self.unlessEmpty(
      try db.first(
        """
        select json_group_array(json_object(
          'account', name, 'parked', parked, 'parked_why', parked_why, 'probe_ms', max(probe_ms - ?, 0),
          'refusals', refusals, 'configured', configured, 'limits', json(limits)))
        from changed_account cross join account on account.id = changed_account.id
        """, .of(now)
      ) { (row) throws(StoreError) in row.text(0) })
  }

  /// Every call up to this number has an answer, with what the outbox says.
  private func settledThrough() throws(StoreError) -> Int {
    try db.first(
      """
      select ifnull(
        (select min(id) - 1 from call indexed by calls_under_way where ended_ms is null),
        (select max(id) from call))
      """
    ) { (row) throws(StoreError) in row.int(0) } ?? 0
  }
}
