import Planning

/// A queue in memory that shows what the shared queue knows of some accounts, for commands that look ahead. Nobody works
/// it, so what counts here is what a person is told, and not what an heir may rely on.
extension WorkerStore {
  /// `text` is what the function `outlook` of the shared queue returns for this lane.
  package func show(
    _ text: String, lane: String?, longestCall: Span, _ reading: ClockReading
  ) throws(StoreError) {
    try receive { () throws(StoreError) in
      try setClock(reading, charged: [])
      let now = clocks.queue(reading.sinceBoot)
      try showAccounts(text, at: now)
      try showCalls(text, longestCall: longestCall, at: now)
      try showAsks(text, reading)
      let (registered, remembered) = try parts(of: text)
      try register(registered)
      try remember(remembered, at: now)
      while try fold(at: now, limit: 10_000).more {}
      try showCallsUnderWay(text)
      if let lane { try showEnded(text, lane, reading, at: now) }
    }
  }

  /// As a file that other programs can read.
  package func save(to path: String) throws(StoreError) {
    try db.execute("vacuum into ?", .text(path))
  }

  private func parts(
    of text: String
  ) throws(StoreError) -> (registered: String, remembered: String) {
    let parts = try db.first("select ?1 -> '$.registered', ?1 -> '$.remembered'", .text(text)) {
      (row) throws(StoreError) in (row.text(0), row.text(1))
    }
    return parts ?? ("[]", "{}")
  }

  private func showAccounts(_ text: String, at now: Moment) throws(StoreError) {
    try db.execute(
      """
      insert into account (name, configured, limits, token_ms)
      select value ->> 'account', value ->> 'configured', value -> 'limits', iif(value ->> 'has_token', ?2, null)
      from json_each(?1, '$.accounts')
      where true
      on conflict (name) do update
      set configured = excluded.configured, limits = excluded.limits, token_ms = excluded.token_ms
      """, .text(text), .of(now + .minutes(10)))
  }

  /// With the slots and the budgets that they have used up.
  private func showCalls(
    _ text: String, longestCall: Span, at now: Moment
  ) throws(StoreError) {
    let calls = try db.all(
      """
      select value ->> 'account', value ->> 'api', value ->> 'lanes', value ->> 'started_ago_ms',
        value ->> 'ended_ago_ms', value, value ->> 'is_under_way'
      from json_each(?, '$.calls')
      """, .text(text)
    ) { (row) throws(StoreError) in
      (
        account: row.text(0), api: row.text(1), lanes: row.text(2), started: now - row.bounded(3),
        ended: row.optionalInt(4).map { now - $0.bounded }, facts: row.text(5),
        isUnderWay: row.bool(6)
      )
    }
    for call in calls {
      let account = try account(call.account)
      let kind = Kind(rawValue: call.api)
      let lanes = try call.lanes.split(separator: " ").map { (name) throws(StoreError) -> Int in
        guard let kind else { return 0 }
        let pace = kind.rules.pace
        // A call that was left behind is waited for until it can no longer arrive.
        let slot =
          call.ended == nil && !call.isUnderWay
          ? pace.slot(started: call.started, timeout: longestCall)
          : (call.ended ?? now) + max(pace.afterAnswer, pace.afterStart)
        return try charge(
          Channel(account: account, kind: kind), lane: String(name), until: slot)
      }
      try db.execute(
        """
        insert into call (account_id, api, lanes, urgent, started_ms, sent_ms, ended_ms, outcome, http_status, code,
          message, log_id)
        values (?1, ?2, ?3, ifnull(?6 ->> 'urgent', 0), ?4, ?4, ?5, ?6 ->> 'outcome', ?6 ->> 'http_status', ?6 ->> 'code',
          ?6 ->> 'message', ?6 ->> 'log_id')
        """, .int(account), .text(call.api), .text(Self.list(lanes)), .of(call.started),
        .of(call.ended), .text(call.facts))
      try db.execute(
        "update lane set last_call = ?1 where id in (select value from json_each(?2))",
        .int(db.lastInsertID), .text(Self.list(lanes)))
    }
  }

  /// Under the numbers that they have in the shared queue.
  private func showAsks(_ text: String, _ reading: ClockReading) throws(StoreError) {
    try db.execute(
      """
      insert into ask (id, account, kind, lane, body, after_ms, expires_in_ms, urgent, asked_ms)
      select value ->> 'id', value ->> 'account', value ->> 'kind', value ->> 'lane', value ->> 'body',
        value ->> 'after_ms', value ->> 'expires_in_ms', value ->> 'urgent', ?2 - (value ->> 'ago_ms')
      from json_each(?1, '$.asks')
      """, .text(text), .int(reading.wall.ms))
    try db.execute("insert into shared_ask (id, number, account) select id, id, account from ask")
  }

  /// After their asks have found their lanes.
  private func showCallsUnderWay(_ text: String) throws(StoreError) {
    try db.execute(
      """
      update lane set state = 'in_flight', call_id = last_call
      where state = 'waiting' and last_call in (select id from call where ended_ms is null and outcome is null)
        and exists (
          select 1 from json_each(?, '$.calls') as flying join account on account.name = flying.value ->> 'account'
          where account.id = lane.account_id and flying.value ->> 'api' = lane.kind
            and flying.value ->> 'is_under_way' = 1
            and instr(' ' || (flying.value ->> 'lanes') || ' ', ' ' || lane.name || ' ') > 0)
      """, .text(text))
    // What other calls have left behind without an answer is over as far as anybody can tell.
    try db.execute(
      """
      update call set ended_ms = started_ms, outcome = 'unknown'
      where ended_ms is null and id not in (select call_id from lane where call_id is not null)
      """)
  }

  private func showEnded(
    _ text: String, _ lane: String, _ reading: ClockReading, at now: Moment
  ) throws(StoreError) {
    try db.execute(
      """
      insert into lane (account_id, kind, name, state)
      select distinct account.id, value ->> 'kind', ?2, 'idle'
      from json_each(?1, '$.ended') join account on account.name = value ->> 'account'
      where true
      on conflict do nothing
      """, .text(text), .text(lane))
    try db.execute(
      """
      insert into ask (id, account, kind, lane, body, asked_ms, outcome, reason, ended_ms, lane_id)
      select value ->> 'id', value ->> 'account', value ->> 'kind', lane.name, value ->> 'body',
        ?2 - (value ->> 'ago_ms'), value ->> 'outcome', value ->> 'reason', ?3 - (value ->> 'ended_ago_ms'), lane.id
      from json_each(?1, '$.ended') join account on account.name = value ->> 'account'
      join lane on lane.account_id = account.id and lane.kind = value ->> 'kind' and lane.name = ?4
      """, .text(text), .int(reading.wall.ms), .of(now), .text(lane))
  }
}
