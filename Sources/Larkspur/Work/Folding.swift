import Planning

extension WorkerStore {
  /// Merges asks that have arrived into their lanes, oldest first, `limit` at most, so that a flood
  /// of asks does not keep what is due from going.
  package func fold(at now: Moment, limit: Int) throws(StoreError) -> Folded {
    var folded = Folded()
    var unions = Unions()
    // Of kinds with few asks, those behind a flood of others come first.
    let early = try earlyAsks(at: now, limit: limit)
    for ask in early { try fold(ask, at: now, into: &folded, &unions) }
    let newest = try newestAsk()
    let last = try lastAsk(within: limit)
    if let last {
      for ask in try newAsks(through: last, at: now) {
        try fold(ask, at: now, into: &folded, &unions)
      }
      try db.execute("update worker set folded_ask = ?", .int(last))
    }
    let held = try heldAsks(due: now, limit: limit)
    for ask in held {
      guard let kind = try usable(ask, at: now, &folded) else { continue }
      try merge(ask, kind, at: now, into: &folded, &unions)
    }
    try put(unions, at: now)
    folded.more = (last ?? newest) < newest || held.count == limit || early.count == limit
    return folded
  }

  private func fold(
    _ ask: IncomingAsk, at now: Moment, into folded: inout Folded, _ unions: inout Unions
  ) throws(StoreError) {
    if ask.isOver { return }
    guard let kind = try usable(ask, at: now, &folded) else { return }
    if ask.row.after > 0, ask.due > now {
      try db.execute(
        "update ask set due_ms = ?, expires_ms = ? where id = ?",
        .of(ask.due), .of(ask.expires), .int(ask.id))
      return
    }
    try merge(ask, kind, at: now, into: &folded, &unions)
  }

  /// The kind of an ask that can be used; nil for one that cannot, which is dead then.
  private func usable(
    _ ask: IncomingAsk, at now: Moment, _ folded: inout Folded
  ) throws(StoreError) -> Kind? {
    switch ask.row.checked() {
    case .success(let kind): return kind
    case .failure(let problem):
      try bury(ask, problem, at: now, &folded)
      return nil
    }
  }

  private func bury(
    _ ask: IncomingAsk, _ problem: UnusableAsk, at now: Moment, _ folded: inout Folded
  ) throws(StoreError) {
    try db.execute(
      "update ask set outcome = 'dead', ended_ms = ?, reason = ? where id = ?",
      .of(now), .text(problem.reason), .int(ask.id))
    folded.dead.append(
      .init(
        account: ask.row.account, kind: Kind(rawValue: ask.row.kind), lane: ask.row.lane,
        reason: problem.reason))
  }

  private func merge(
    _ ask: IncomingAsk, _ kind: Kind, at now: Moment, into folded: inout Folded,
    _ unions: inout Unions
  ) throws(StoreError) {
    if let expires = ask.expires, expires <= now {
      try db.execute(
        """
        update ask set outcome = 'expired', ended_ms = ?, reason = 'expired before it could be sent'
        where id = ?
        """, .of(now), .int(ask.id))
      return
    }
    let channel = Channel(account: try account(ask.row.account), kind: kind)
    if !kind.sharesCalls { return try line(up: ask, channel, at: now, into: &folded) }
    let audience: Audience
    switch try wantedAudience(of: ask) {
    case .success(let wanted): audience = wanted
    case .failure(let problem): return try bury(ask, problem, at: now, &folded)
    }
    let wanted = try number(of: audience, account: channel.account, at: now)
    let asked = ask.asked
    let lane = try lane(named: ask.row.lane, channel: channel)
    let laneID: Int
    if let lane {
      laneID = lane.id
      switch lane.state {
      case "idle": try wake(laneID, wanted, asked: asked, expires: ask.expires, at: now)
      default:
        try join(lane, wanted, audience, account: channel.account, expires: ask.expires, &unions)
      }
    } else {
      laneID = try insertLane(
        ask.row.lane, channel: channel, wanted, asked: asked, expires: ask.expires)
    }
    try db.execute(
      """
      update ask set lane_id = ?1, audience_id = ?2, expires_ms = ?3, due_ms = null,
        refused = null, reason = null, round = (select round + 1 from lane where id = ?1)
      where id = ?4
      """, .int(laneID), .int(wanted), .of(ask.expires), .int(ask.id))
    if lane == nil || lane?.state == "idle" {
      folded.lanes += 1
      folded.channels.insert(channel)
    }
  }

  /// An ask of a kind that goes in parcels waits in its lane until it is packed.
  private func line(
    up ask: IncomingAsk, _ channel: Channel, at now: Moment, into folded: inout Folded
  ) throws(StoreError) {
    let lane = try lane(named: ask.row.lane, channel: channel)
    let laneID: Int
    switch lane?.state {
    case nil:
      laneID = try insertLane(
        ask.row.lane, channel: channel, nil, asked: ask.asked, expires: ask.expires)
    case "idle":
      laneID = lane?.id ?? 0
      try wake(laneID, nil, asked: ask.asked, expires: ask.expires, at: now)
    default:
      laneID = lane?.id ?? 0
      try db.execute(
        """
        update lane set expires_ms =
          iif(expires_ms is null, ?2, min(expires_ms, ifnull(?2, expires_ms)))
        where id = ?1
        """, .int(laneID), .of(ask.expires))
    }
    try db.execute(
      """
      update ask set lane_id = ?1, expires_ms = ?2, due_ms = null, reason = null,
        round = (select round + 1 from lane where id = ?1)
      where id = ?3
      """, .int(laneID), .of(ask.expires), .int(ask.id))
    if lane == nil || lane?.state == "idle" {
      folded.lanes += 1
      folded.channels.insert(channel)
    }
  }

  private struct LaneRow {
    let id: Int
    let state: String
    let audience: Int?
    let follow: Int?
    let attempts: Int
  }

  private func lane(named name: String, channel: Channel) throws(StoreError) -> LaneRow? {
    try db.first(
      """
      select id, state, audience_id, follow_id, attempts from lane
      where account_id = ? and kind = ? and name = ?
      """, .int(channel.account), .text(channel.kind.rawValue), .text(name)
    ) { (row) throws(StoreError) in
      LaneRow(
        id: row.int(0), state: row.text(1), audience: row.optionalInt(2),
        follow: row.optionalInt(3),
        attempts: row.count(4))
    }
  }

  private func insertLane(
    _ name: String, channel: Channel, _ wanted: Int?, asked: Moment, expires: Moment?
  ) throws(StoreError) -> Int {
    try db.execute(
      """
      insert into lane
        (account_id, kind, name, state, audience_id, wide, since_ms, ready_ms, expires_ms)
      values (?, ?, ?, 'waiting', ?, ?, ?6, ?6, ?)
      """, .int(channel.account), .text(channel.kind.rawValue), .text(name), .of(wanted),
      .of(try isWide(wanted)), .of(asked), .of(expires))
    return db.lastInsertID
  }

  private func wake(
    _ lane: Int, _ wanted: Int?, asked: Moment, expires: Moment?, at now: Moment
  ) throws(StoreError) {
    try db.execute(
      """
      update lane set state = 'waiting', audience_id = ?2, wide = ?3, since_ms = ?4,
        ready_ms = max(?4, iif(slot_ms <= ?6, slot_ms, ?7)), expires_ms = ?5, attempts = 0,
        evidence = null, failed_ms = null, failing_ms = null, limits = 0, error = null
      where id = ?1
      """, .int(lane), .of(wanted), .of(try isWide(wanted)), .of(asked), .of(expires),
      .of(now + Self.longestWait), .of(now + Self.safeWait))
  }

  /// A lane that waits, or is in flight, takes what is asked meanwhile and keeps its place. Its union
  /// is stored once for a whole pass: many asks for one lane would store every step otherwise.
  private func join(
    _ lane: LaneRow, _ wanted: Int, _ audience: Audience, account: Int, expires: Moment?,
    _ unions: inout Unions
  ) throws(StoreError) {
    let isWaiting = lane.state == "waiting"
    if expires != nil || (isWaiting && lane.attempts > RetryPolicy.attemptsKept) {
      // Whoever joins a lane that has often failed has some attempts of its own.
      try db.execute(
        """
        update lane set attempts = iif(state = 'waiting', min(attempts, ?3), attempts),
          expires_ms = iif(expires_ms is null, ?2, min(expires_ms, ifnull(?2, expires_ms)))
        where id = ?1
        """, .int(lane.id), .of(expires), .int(RetryPolicy.attemptsKept))
    }
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
      /// By number, as many asks may want the same.
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
          "update lane set audience_id = ?, wide = ? where id = ?", .int(id), .of(try isWide(id)),
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

  func isWide(_ id: Int?) throws(StoreError) -> Bool {
    guard let id else { return false }
    return (try audience(id).count ?? 0) > Limits.peoplePerCall
  }
}
