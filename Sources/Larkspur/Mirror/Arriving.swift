import Planning

/// An ask of a shared queue.
package struct SharedAsk: Equatable, Sendable {
  package let number: Int
  package let account: String
  package let kind: String
  package let lane: String
  package let body: String
  package let after: Int
  package let expiresIn: Int?
  package let isUrgent: Bool
  package let asked: WallMoment

  package init(
    number: Int, account: String, kind: String, lane: String, body: String, after: Int,
    expiresIn: Int?, isUrgent: Bool, asked: WallMoment
  ) {
    self.number = number
    self.account = account
    self.kind = kind
    self.lane = lane
    self.body = body
    self.after = after
    self.expiresIn = expiresIn
    self.isUrgent = isUrgent
    self.asked = asked
  }
}

/// A call that another run made.
package struct PastRunsCall: Equatable, Sendable {
  /// Not before the moment that is meant.
  package enum Date: Equatable, Sendable {
    case answered(Moment)
    /// It has no answer, and may be on its way for as long as a call lasts.
    case claimed(Moment)
  }

  package let account: String
  package let api: String
  package let lanes: [String]
  package let date: Date

  package init(account: String, api: String, lanes: [String], date: Date) {
    self.account = account
    self.api = api
    self.lanes = lanes
    self.date = date
  }
}

/// What comes from the shared queue.
extension WorkerStore {
  /// A transaction whose changes the shared queue knows already.
  package func receive(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    do {
      try db.transaction { () throws(StoreError) in
        try body()
        try clearOutbox()
      }
      arrivals += 1
    } catch {
      forgetRows()
      throw error
    }
  }

  /// The next look at this queue finds something new, whatever it is.
  package func noteArrival() { arrivals += 1 }

  package func insert(_ ask: SharedAsk) throws(StoreError) {
    // It was pulled already, by its account or by a snapshot.
    if try localNumber(of: ask.number) != nil { return }
    try db.execute(
      """
      insert into ask (account, kind, lane, body, after_ms, expires_in_ms, urgent, asked_ms)
      values (?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(ask.account), .text(ask.kind), .text(ask.lane), .text(ask.body), .int(ask.after),
      .of(ask.expiresIn), .of(ask.isUrgent), .int(ask.asked.ms))
    try db.execute(
      "insert into shared_ask (id, number, account) values (?, ?, ?)", .int(db.lastInsertID),
      .int(ask.number), .text(ask.account))
  }

  package func localNumber(of number: Int) throws(StoreError) -> Int? {
    try db.first("select id from shared_ask where number = ?", .int(number)) {
      (row) throws(StoreError) in row.int(0)
    }
  }

  /// Records the call as if an earlier run of this queue had made it, so that its lanes keep their slots and its
  /// channel its budget.
  package func insert(_ call: PastRunsCall, longestCall: Span, at now: Moment) throws(StoreError) {
    let account = try account(call.account)
    let kind = Kind(rawValue: call.api)
    var lanes: [Int] = []
    for name in call.lanes {
      guard let kind else { break }
      let slot =
        switch call.date {
        case .claimed(let moment): kind.rules.pace.slot(started: moment, timeout: longestCall)
        case .answered(let moment):
          moment + max(kind.rules.pace.afterAnswer, kind.rules.pace.afterStart)
        }
      lanes.append(try charge(Channel(account: account, kind: kind), lane: name, until: slot))
    }
    // An answered call counts from its answer, whatever that was; one without an answer until it is over.
    let (started, sent, ended, status): (Moment, Moment?, Moment, Int?) =
      switch call.date {
      case .claimed(let moment): (moment, nil, max(moment, now), nil)
      case .answered(let moment): (moment, moment, moment, 200)
      }
    try db.execute(
      """
      insert into call (account_id, api, lanes, started_ms, sent_ms, ended_ms, outcome, http_status, message)
      values (?, ?, ?, ?, ?, ?, 'unknown', ?, 'another run made this call')
      """, .int(account), .text(call.api), .text(Self.list(lanes)), .of(started), .of(sent),
      .of(ended), .of(status))
  }

  func charge(
    _ channel: Channel, lane: String, until slot: Moment
  ) throws(StoreError) -> Int {
    try db.execute(
      """
      insert into lane (account_id, kind, name, state, slot_ms) values (?1, ?2, ?3, 'idle', ?4)
      on conflict (account_id, kind, name) do update set slot_ms = max(slot_ms, excluded.slot_ms)
      """, .int(channel.account), .text(channel.kind.rawValue), .text(lane), .of(slot))
    let id = try db.first(
      "select id from lane where account_id = ? and kind = ? and name = ?", .int(channel.account),
      .text(channel.kind.rawValue), .text(lane)
    ) { (row) throws(StoreError) in row.int(0) }
    guard let id else { throw .damagedRow("cannot store lane '\(lane)'") }
    return id
  }
}
