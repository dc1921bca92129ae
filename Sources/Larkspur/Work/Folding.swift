import Planning

extension WorkerStore {
  /// Merges new asks into their lanes, oldest first and at most `limit`, so that a flood of asks
  /// does not hold up calls that are due.
  package func fold(at now: Moment, limit: Int) throws(StoreError) -> Folded {
    var folded = Folded()
    var pass = Pass()
    // All others go first, so that they do not wait behind a flood of previews.
    let early = try earlyAsks(at: now, limit: limit)
    for ask in early where pass.hasRoom(for: ask) {
      try fold(ask, at: now, into: &folded, &pass)
    }
    let newest = try newestAsk()
    var last = try lastAsk(within: limit)
    if let through = last {
      for ask in try newAsks(through: through, at: now) {
        guard pass.hasRoom(for: ask) else {
          last = ask.id - 1
          break
        }
        try fold(ask, at: now, into: &folded, &pass)
      }
      try db.execute("update worker set folded_ask = ?", .of(last))
    }
    let held = try heldAsks(due: now, limit: limit)
    for ask in held where pass.hasRoom(for: ask) {
      try fold(ask, at: now, into: &folded, &pass)
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
    private(set) var isCut = false

    /// An ask by key stands for many previews, of which a pass takes only so many.
    mutating func hasRoom(for ask: IncomingAsk) -> Bool {
      if ask.isOver || !ask.isByKey || !expansion.isFull(for: ask) { return true }
      isCut = true
      return false
    }
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
      if let problem = ask.row.problem(storeApps: storeApps, kind) {
        return try bury(ask, problem, at: now, &folded)
      }
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
    case .expands(let selector):
      if let problem = ask.row.problem(storeApps: storeApps, .preview) {
        return try bury(ask, problem, at: now, &folded)
      }
      try expand(ask, selector, at: now, into: &folded, &pass)
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
}
