import Planning

extension WorkerStore {
  package func parked(_ account: Int) throws(StoreError) -> Parked? {
    try db.first("select parked, parked_why, probe_ms from account where id = ?", .int(account)) {
      (row) throws(StoreError) in Parked(row)
    } ?? nil
  }

  /// All parked accounts.
  package func accountNumbers() throws(StoreError) -> Set<Int> {
    Set(try db.all("select id from account") { (row) throws(StoreError) in row.int(0) })
  }

  package func parkedAccounts() throws(StoreError) -> [Int: Parked] {
    var all: [Int: Parked] = [:]
    try db.each(
      "select parked, parked_why, probe_ms, id from account where parked is not null"
    ) { (row) throws(StoreError) in all[row.int(3)] = Parked(row) }
    return all
  }

  package func park(_ account: Int, _ parked: Parked?, at now: Moment) throws(StoreError) {
    try db.execute(
      "update account set parked = ?, parked_why = ?, probe_ms = ? where id = ?",
      .of(parked?.trouble.rawValue), .of(parked?.why), .of(parked?.probe), .int(account))
    try noteParking(account, parked, at: now)
  }

  /// The host at which a call of the account last succeeded.
  package func provenHost(of account: Int) throws(StoreError) -> String? {
    try db.first("select proven_host from account where id = ?", .int(account)) {
      (row) throws(StoreError) in row.optionalText(0)
    } ?? nil
  }

  package func put(provenHost host: String, of account: Int) throws(StoreError) {
    try db.execute(
      "update account set proven_host = ? where id = ?", .text(host), .int(account))
  }

  /// Records when the access token that this run holds expires, for programs that look ahead.
  package func put(tokenExpires moment: Moment?, of account: Int) throws(StoreError) {
    try db.execute("update account set token_ms = ? where id = ?", .of(moment), .int(account))
  }

  /// Records when the app ticket of a store app was written, for people who look.
  package func put(ticketWritten moment: Moment?, of account: Int) throws(StoreError) {
    try db.execute("update account set ticket_ms = ? where id = ?", .of(moment), .int(account))
  }

  package func ticketWritten(of account: Int) throws(StoreError) -> Moment? {
    try db.first("select ticket_ms from account where id = ?", .int(account)) {
      (row) throws(StoreError) in row.optionalMoment(0)
    } ?? nil
  }

  /// Records when Feishu was asked to push a store app's ticket again, for the runs that follow.
  package func put(ticketAsked moment: Moment, of account: Int) throws(StoreError) {
    try db.execute(
      "update account set ticket_asked_ms = ? where id = ?", .of(moment), .int(account))
  }

  package func ticketAsked(of account: Int) throws(StoreError) -> Moment? {
    try db.first("select ticket_asked_ms from account where id = ?", .int(account)) {
      (row) throws(StoreError) in row.optionalMoment(0)
    } ?? nil
  }

  /// A run begins without access tokens.
  package func forgetTokens() throws(StoreError) {
    try db.execute("update account set token_ms = null where token_ms is not null")
  }

  /// How many access tokens of the account were refused in a row, across runs.
  package func refusals(ofTokens account: Int) throws(StoreError) -> Int {
    try db.first("select refusals from account where id = ?", .int(account)) {
      (row) throws(StoreError) in row.count(0)
    } ?? 0
  }

  package func put(refusals: Int, ofTokens account: Int) throws(StoreError) {
    try db.execute("update account set refusals = ? where id = ?", .int(refusals), .int(account))
  }

  package func budget(_ account: Int, _ api: API) throws(StoreError) -> ChannelRecord {
    try db.first(
      """
      select paused_ms, paused_why, refused_mark, month, month_calls, month_ends_ms, other_month,
        other_calls, other_ends_ms, failures, refusals, refused_lane, deaths, probes, failed_ms,
        recovered_ms, foreign_ms, limited_ms, spent_month, suspects, paused_for,
        opening
      from budget where account_id = ? and api = ?
      """, .int(account), .text(api.rawValue)
    ) { (row) throws(StoreError) in ChannelRecord(row) } ?? ChannelRecord()
  }

  /// The records of all accounts and APIs.
  package func budgets() throws(StoreError) -> [Int: [API: ChannelRecord]] {
    var all: [Int: [API: ChannelRecord]] = [:]
    try db.each(
      """
      select paused_ms, paused_why, refused_mark, month, month_calls, month_ends_ms, other_month,
        other_calls, other_ends_ms, failures, refusals, refused_lane, deaths, probes, failed_ms,
        recovered_ms, foreign_ms, limited_ms, spent_month, suspects, paused_for,
        opening, account_id, api
      from budget
      """
    ) { (row) throws(StoreError) in
      if let api = API(rawValue: row.text(23)) {
        all[row.int(22), default: [:]][api] = ChannelRecord(row)
      }
    }
    return all
  }

  /// Replaces the record `old` of a channel.
  package func put(
    _ record: ChannelRecord, insteadOf old: ChannelRecord, _ account: Int, _ api: API,
    at now: Moment
  ) throws(StoreError) {
    try put(record, account, api)
    if (record.pausedUntil, record.pausedFor) != (old.pausedUntil, old.pausedFor) {
      try notePause(record, account, api, at: now)
    }
  }

  package func put(_ record: ChannelRecord, _ account: Int, _ api: API) throws(StoreError) {
    let health = record.health
    try db.execute(
      """
      insert into budget
        (account_id, api, paused_ms, paused_why, refused_mark, month, month_calls, month_ends_ms,
        other_month, other_calls, other_ends_ms, failures, refusals, refused_lane, deaths, probes,
        failed_ms, recovered_ms, foreign_ms, limited_ms, spent_month, suspects, paused_for, opening)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict do update set paused_ms = excluded.paused_ms, paused_why = excluded.paused_why,
        refused_mark = excluded.refused_mark, month = excluded.month,
        month_calls = excluded.month_calls, month_ends_ms = excluded.month_ends_ms,
        other_month = excluded.other_month, other_calls = excluded.other_calls,
        other_ends_ms = excluded.other_ends_ms, failures = excluded.failures,
        refusals = excluded.refusals, refused_lane = excluded.refused_lane,
        deaths = excluded.deaths, probes = excluded.probes, failed_ms = excluded.failed_ms,
        recovered_ms = excluded.recovered_ms, foreign_ms = excluded.foreign_ms,
        limited_ms = excluded.limited_ms, spent_month = excluded.spent_month,
        suspects = excluded.suspects, paused_for = excluded.paused_for, opening = excluded.opening
      """, .int(account), .text(api.rawValue), .of(record.pausedUntil), .of(record.pausedWhy),
      .of(record.refusedMark), .int(record.months.shown.number), .int(record.months.shown.calls),
      .of(record.months.shown.ends), .of(record.months.other?.number),
      .of(record.months.other?.calls), .of(record.months.other?.ends), .int(health.failures),
      .int(health.refusals), .of(health.refusedLane), .int(health.deaths), .of(health.probes),
      .of(health.failedAt), .of(health.recoveredAt), .of(health.foreignSince),
      .of(record.limitedAt), .of(record.spentMonth),
      .text(health.suspects.map(String.init).joined(separator: " ")),
      .text(record.pausedFor.rawValue), .text(record.opening))
  }

  /// Calls of earlier runs that still count in windows of this length. A call that was never
  /// answered may be on its way for up to `longestCall` after it was recorded.
  package func recentCalls(
    _ account: Int, _ api: API, within span: Span, longestCall: Span, at now: Moment
  ) throws(StoreError) -> [PastCall] {
    try db.all(
      """
      select iif(http_status is null, max(ended_ms, started_ms + ?4), ended_ms) as moment,
        http_status is not null, ifnull(sent_ms, started_ms)
      from call indexed by calls_of_a_budget
      where account_id = ?1 and api = ?2 and started_ms > ?3 and outcome <> 'unreachable'
      """, .int(account), .text(api.rawValue), .of(now - span - 60_000), .int(longestCall)
    ) { (row) throws(StoreError) in
      // No call that has begun can arrive later than that.
      PastCall(
        min(row.moment(0), now + longestCall), left: min(row.moment(2), now + longestCall),
        wasAnswered: row.bool(1))
    }
  }

  /// Records a call that carries no lane: a request for an access token.
  package func beginCall(_ account: Int, _ api: API, at now: Moment) throws(StoreError) -> Int {
    try db.execute(
      "insert into call (account_id, api, started_ms) values (?, ?, ?)", .int(account),
      .text(api.rawValue), .of(now))
    given.note(call: db.lastInsertID)
    return db.lastInsertID
  }

  /// Channels with waiting lanes.
  package func channels() throws(StoreError) -> [Channel] {
    // Looked up one by one: reading all lanes takes long if there are a million.
    let rows = try db.all(
      """
      select account.id, kind.value from account, json_each(?) as kind
      where exists (
        select 1 from lane indexed by lanes_due_longest
        where account_id = account.id and kind = kind.value and state = 'waiting')
      """, .text(JSONText.list(Kind.allCases.map(\.rawValue)))
    ) { (row) throws(StoreError) in (row.int(0), row.text(1)) }
    return rows.compactMap { row in
      Kind(rawValue: row.1).map { Channel(account: row.0, kind: $0) }
    }
  }

  /// How many of the channel's last calls in a row were opened by urgent lanes, as far as it
  /// matters.
  package func urgentCallsInARow(_ channel: Channel) throws(StoreError) -> Int {
    let last = try db.all(
      """
      select urgent from call indexed by calls_of_a_budget
      where account_id = ? and api = ? order by started_ms desc limit 4
      """, .int(channel.account), .text(channel.kind.rawValue)
    ) { (row) throws(StoreError) in row.bool(0) }
    return last.prefix { $0 }.count
  }

  /// For which urgency the channel's last call was opened by one of many previews of a key. While both
  /// wait, the last of each is among the last few.
  package func openedByMany(_ channel: Channel) throws(StoreError) -> Set<Urgency> {
    let last = try db.all(
      """
      select urgent, of_many from call indexed by calls_of_a_budget
      where account_id = ? and api = ? order by started_ms desc limit 10
      """, .int(channel.account), .text(channel.kind.rawValue)
    ) { (row) throws(StoreError) in
      (urgency: row.bool(0) ? Urgency.urgent : .ordinary, isOfMany: row.bool(1))
    }
    return Set(
      Urgency.allCases.filter { urgency in
        last.first { $0.urgency == urgency }?.isOfMany ?? false
      })
  }

  /// How many lanes of the account wait, by kind.
  package func waitingLanes(of account: Int) throws(StoreError) -> [Kind: Int] {
    var counts: [Kind: Int] = [:]
    for kind in Kind.allCases {
      counts[kind] =
        try db.first(
          """
          select count(*) from lane indexed by lanes_due_longest
          where account_id = ? and kind = ? and state = 'waiting'
          """, .int(account), .text(kind.rawValue)
        ) { (row) throws(StoreError) in row.int(0) } ?? 0
    }
    return counts
  }

  /// How many lanes wait, to show progress. Counted once; after that each step reports the
  /// difference.
  package func waitingLanes() throws(StoreError) -> Int {
    try db.first("select count(*) from lane where state = 'waiting'") {
      (row) throws(StoreError) in row.int(0)
    } ?? 0
  }
}

extension Parked {
  fileprivate init?(_ row: borrowing Statement) {
    guard let trouble = Trouble(rawValue: row.text(0)) else { return nil }
    self.init(trouble: trouble, why: row.text(1), probe: row.moment(2))
  }
}

extension ChannelRecord {
  /// Reads the columns in the order of the statements above.
  fileprivate init(_ row: borrowing Statement) {
    self.init()
    pausedUntil = row.moment(0)
    pausedWhy = row.optionalText(1)
    refusedMark = row.optionalInt(2)
    months = MonthlyCalls(
      shown: .init(number: row.bounded(3), calls: row.bounded(4), ends: row.moment(5)),
      other: row.optionalBounded(6).map {
        .init(number: $0, calls: row.bounded(7), ends: row.moment(8))
      })
    health.failures = row.count(9)
    health.refusals = row.count(10)
    health.refusedLane = row.optionalInt(11)
    health.deaths = row.count(12)
    health.probes = row.isNull(13) ? nil : row.count(13)
    health.failedAt = row.moment(14)
    health.recoveredAt = row.moment(15)
    health.foreignSince = row.optionalMoment(16)
    limitedAt = row.optionalMoment(17)
    spentMonth = row.optionalBounded(18)
    pausedFor = PauseReason(rawValue: row.text(20)) ?? .paused
    opening = row.text(21)
    health.suspects = row.text(19).split(separator: " ").compactMap { Int($0) }
  }
}
