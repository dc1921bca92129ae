import Planning

/// An ask becomes a part of what its lane wants.
extension WorkerStore {
  /// If lanes of this kind share calls, the lane wants the audiences of all its asks. Otherwise the
  /// ask waits in the lane until it is packed.
  func join(
    _ ask: IncomingAsk, _ channel: Channel, wanting audience: Audience?, at now: Moment,
    into folded: inout Folded, _ unions: inout Unions
  ) throws(StoreError) {
    let wanted = try audience.map { (audience) throws(StoreError) in
      try number(of: audience, account: channel.account, at: now)
    }
    let row = try lane(named: ask.row.lane, channel: channel)
    let joining = Joining(
      row?.found, asked: ask.asked, expires: ask.expires, urgency: ask.urgency, spread: ask.spread,
      isShared: audience != nil, at: now)
    let lane: Int
    switch (joining, row) {
    case (.begins(let ready), nil):
      lane = try insertLane(ask, channel, wanted, ready: ready)
    case (.begins(let ready), let row?):
      lane = row.id
      try wake(lane, ask, wanted, ready: ready)
    case (.joins(let standing), let row?):
      lane = row.id
      if standing != row.found.standing { try put(standing, of: lane) }
      if standing.urgency != row.found.standing.urgency { folded.channels.insert(channel) }
      if let audience, let wanted {
        try unite(row, wanted, audience, account: channel.account, &unions)
      }
    case (.joins, nil): preconditionFailure("an ask joins a lane that does not exist")
    }
    try db.execute(
      """
      update ask set lane_id = ?1, audience_id = ?2, expires_ms = ?3, due_ms = null,
        refused = null, reason = null, first_call = ?4
      where id = ?5
      """, .int(lane), .of(wanted), .of(ask.expires), .int((row?.calls ?? 0) + 1), .int(ask.id))
    if case .begins = joining {
      folded.lanes += 1
      folded.channels.insert(channel)
    }
  }

  private func put(_ standing: FoundLane.Standing, of lane: Int) throws(StoreError) {
    try db.execute(
      "update lane set attempts = ?, expires_ms = ?, urgent = ?, spread_ms = ? where id = ?",
      .int(standing.attempts), .of(standing.expires), .int(standing.urgency.rawValue),
      .of(standing.spread), .int(lane))
  }

  struct LaneRow {
    let id: Int
    let found: FoundLane
    let calls: Int
    let audience: Int?
    let follow: Int?
  }

  private func lane(named name: String, channel: Channel) throws(StoreError) -> LaneRow? {
    try db.first(
      """
      select id, state, slot_ms, attempts, expires_ms, calls, audience_id, follow_id, urgent, spread_ms
      from lane
      where account_id = ? and kind = ? and name = ?
      """, .int(channel.account), .text(channel.kind.rawValue), .text(name)
    ) { (row) throws(StoreError) in
      let state: FoundLane.State =
        switch row.text(1) {
        case "idle": .idle
        case "in_flight": .inFlight
        default: .waiting
        }
      return LaneRow(
        id: row.int(0),
        found: FoundLane(
          state: state, slot: row.moment(2),
          FoundLane.Standing(
            attempts: row.int(3), expires: row.optionalMoment(4),
            urgency: row.bool(8) ? .urgent : .ordinary, spread: row.moment(9))),
        calls: row.bounded(5), audience: row.optionalInt(6), follow: row.optionalInt(7))
    }
  }

  private func insertLane(
    _ ask: IncomingAsk, _ channel: Channel, _ wanted: Int?, ready: Moment
  ) throws(StoreError) -> Int {
    try db.execute(
      """
      insert into lane
        (account_id, kind, name, state, audience_id, many_calls, since_ms, ready_ms, expires_ms,
         urgent, spread_ms)
      values (?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?)
      """, .int(channel.account), .text(channel.kind.rawValue), .text(ask.row.lane), .of(wanted),
      .of(try takesManyCalls(wanted)), .of(ask.asked), .of(ready), .of(ask.expires),
      .int(ask.urgency.rawValue), .of(ask.spread))
    return db.lastInsertID
  }

  private func wake(
    _ lane: Int, _ ask: IncomingAsk, _ wanted: Int?, ready: Moment
  ) throws(StoreError) {
    try db.execute(
      """
      update lane set state = 'waiting', audience_id = ?2, many_calls = ?3, since_ms = ?4,
        ready_ms = ?5, expires_ms = ?6, urgent = ?7, spread_ms = ?8, attempts = 0, evidence = null,
        failed_ms = null, failing_ms = null, limits = 0, error = null
      where id = ?1
      """, .int(lane), .of(wanted), .of(try takesManyCalls(wanted)), .of(ask.asked), .of(ready),
      .of(ask.expires), .int(ask.urgency.rawValue), .of(ask.spread))
  }
}
