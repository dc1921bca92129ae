import Planning

extension WorkerStore {
  /// Merges new asks into their lanes, oldest first and at most `limit`, so that a flood of asks
  /// does not hold up calls that are due.
  package func fold(at now: Moment, limit: Int) throws(StoreError) -> Folded {
    var folded = Folded()
    var pass = Pass()
    // All others go first, so that they do not wait behind a flood of previews.
    let early = try earlyAsks(at: now, limit: limit)
    for ask in early {
      if ask.isByKey, pass.expansion.isFull(for: ask) {
        pass.isCut = true
      } else {
        try fold(ask, at: now, into: &folded, &pass)
      }
    }
    let newest = try newestAsk()
    var last = try lastAsk(within: limit)
    if let through = last {
      for ask in try newAsks(through: through, at: now) {
        if !ask.isOver, ask.isByKey, pass.expansion.isFull(for: ask) {
          last = ask.id - 1
          pass.isCut = true
          break
        }
        try fold(ask, at: now, into: &folded, &pass)
      }
      try db.execute("update worker set folded_ask = ?", .of(last))
    }
    let held = try heldAsks(due: now, limit: limit)
    for ask in held {
      if ask.isByKey, pass.expansion.isFull(for: ask) {
        pass.isCut = true
      } else {
        try fold(ask, at: now, into: &folded, &pass)
      }
    }
    try put(pass.unions, at: now)
    folded.more =
      (last ?? newest) < newest || held.count == limit || early.count == limit
      || pass.isCut
    return folded
  }

  /// What a pass has to remember from one ask to the next.
  private struct Pass {
    var unions = Unions()
    var expansion = Expansion()
    /// Some asks have to wait for the next pass.
    var isCut = false
  }

  private func fold(
    _ ask: IncomingAsk, at now: Moment, into folded: inout Folded, _ pass: inout Pass
  ) throws(StoreError) {
    if ask.isOver { return }
    switch Admission(ask.row, due: ask.due, expires: ask.expires, at: now) {
    case .dies(let problem): try bury(ask, problem, at: now, &folded)
    case .expires:
      try db.execute(
        """
        update ask set outcome = 'expired', ended_ms = ?, reason = 'expired before it could be sent'
        where id = ?
        """, .of(now), .int(ask.id))
    case .waits(let due):
      try db.execute(
        "update ask set due_ms = ?, expires_ms = ? where id = ?", .of(due), .of(ask.expires),
        .int(ask.id))
    case .joins(let kind):
      let channel = Channel(account: try account(ask.row.account), kind: kind)
      if kind.rules.parcels != nil {
        try join(ask, channel, wanting: nil, at: now, into: &folded, &pass.unions)
        return
      }
      switch try wantedAudience(of: ask) {
      case .success(let audience):
        try join(ask, channel, wanting: audience, at: now, into: &folded, &pass.unions)
      case .failure(let problem): try bury(ask, problem, at: now, &folded)
      }
    case .expands(let selector): try expand(ask, selector, at: now, into: &folded, &pass)
    }
  }

  private func expand(
    _ ask: IncomingAsk, _ selector: Selector, at now: Moment, into folded: inout Folded,
    _ pass: inout Pass
  ) throws(StoreError) {
    let account = try account(ask.row.account)
    switch try expand(ask, selector, account: account, at: now, &pass.expansion) {
    case .success(let expanded):
      if expanded.isNew { folded.lanes += 1 }
      let channel = Channel(account: account, kind: .preview)
      if expanded.hasMadeUrgent { folded.channels.insert(channel) }
      for part in expanded.parts {
        try join(part.ask, channel, wanting: part.wants, at: now, into: &folded, &pass.unions)
      }
    case .failure(let problem): try bury(ask, problem, at: now, &folded)
    }
  }

  private func bury(
    _ ask: IncomingAsk, _ problem: UnusableAsk, at now: Moment, _ folded: inout Folded
  ) throws(StoreError) {
    try db.execute(
      "update ask set outcome = 'dead', ended_ms = ?, reason = ? where id = ?",
      .of(now), .text(problem.reason), .int(ask.id))
    folded.dead.append(
      DeadAsk(
        account: ask.row.account, aim: Aim(rawValue: ask.row.kind), lane: ask.row.lane,
        reason: problem.reason))
  }

  /// If lanes of this kind share calls, the lane wants the audiences of all its asks. Otherwise the
  /// ask waits in the lane until it is packed.
  private func join(
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

  private struct LaneRow {
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

  /// The union of what a lane's asks want is stored once per pass. Otherwise many asks for one lane
  /// would store every step.
  private func unite(
    _ lane: LaneRow, _ wanted: Int, _ audience: Audience, account: Int, _ unions: inout Unions
  ) throws(StoreError) {
    let isWaiting = lane.found.state == .waiting
    let current = isWaiting ? lane.audience : lane.follow
    if current == wanted && unions.byLane[lane.id] == nil { return }
    if unions.byLane[lane.id] == nil {
      let base = try current.map { (id) throws(StoreError) in try self.audience(id) } ?? .nobody
      unions.byLane[lane.id] = .init(base: base, account: account, isWaiting: isWaiting)
    }
    unions.byLane[lane.id]?.more[wanted] = audience
  }

  /// What lanes want after a pass, by lane.
  private struct Unions {
    struct Union {
      let base: Audience
      let account: Int
      let isWaiting: Bool
      /// By number, because many asks may want the same audience.
      var more: [Int: Audience] = [:]
    }

    var byLane: [Int: Union] = [:]
  }

  private func put(_ unions: Unions, at now: Moment) throws(StoreError) {
    for (lane, union) in unions.byLane {
      let all = union.base.union(union.more.values)
      let id = try number(of: all, account: union.account, at: now)
      if union.isWaiting {
        try db.execute(
          "update lane set audience_id = ?, many_calls = ? where id = ?", .int(id),
          .of(try takesManyCalls(id)),
          .int(lane))
      } else {
        try db.execute("update lane set follow_id = ? where id = ?", .int(id), .int(lane))
      }
    }
  }

  func union(_ a: Int?, _ b: Int, account: Int, at now: Moment) throws(StoreError) -> Int {
    guard let a, a != b else { return b }
    let both = try audience(a).union(try audience(b))
    return try number(of: both, account: account, at: now)
  }

  func takesManyCalls(_ id: Int?) throws(StoreError) -> Bool {
    guard let id else { return false }
    return (try audience(id).count ?? 0) > Preview.peoplePerCall
  }
}
