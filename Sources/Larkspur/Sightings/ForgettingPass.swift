import Planning

/// How far a pass over all sightings has come. It goes through the tables in the order of their
/// keys, some rows at a time.
package struct ForgettingPass: Sendable {
  fileprivate enum Stage {
    case viewers(token: Int, openID: String)
    case tags(key: Int, token: Int, PreviewsByDay)
    /// Goes through the tags of one key again.
    case surplus(key: Int, token: Int, Surplus)
    case tokens(after: Int)
    case keys(after: Int)
    case done
  }

  fileprivate var stage = Stage.viewers(token: .min, openID: "")
  /// Asks that may not go yet will need these. Nil until they are known.
  fileprivate var needed: Needed?

  fileprivate struct Needed {
    var keys: Set<Int> = []
    var tokens: Set<Int> = []
  }

  /// The day on which it began.
  package let day: Int

  package init(day: Int) { self.day = day }

  fileprivate var horizon: Int { Keeping.horizon(on: day) }
}

/// Forgets what was not seen for a long time, and what a key has too much of.
///
/// A token is seen whenever one of its keys or viewers is, so it goes when its last key has gone.
extension WorkerStore {
  /// Rows between two looks at the clock, and in one transaction.
  private static let page = 100
  private static let slice = 10_000

  /// Continues a pass until the time is up. True when it is finished.
  package func forgetSightings(
    _ pass: inout ForgettingPass, isTimeUp: () -> Bool
  ) throws(StoreError) -> Bool {
    let needed = if let known = pass.needed { known } else { try previewsNeeded() }
    pass.needed = needed
    var rows = 0
    while rows < Self.slice {
      if rows > 0 && isTimeUp() { return false }
      switch pass.stage {
      case .viewers(let token, let openID):
        pass.stage = try forgetViewers(after: (token, openID), before: pass.horizon)
      case .tags(let key, let token, let counted):
        pass.stage = try forgetTags(
          after: (key, token), before: pass.horizon, counted, needed)
      case .surplus(let key, let token, let surplus):
        pass.stage = try drop(surplus, of: key, after: token, needed)
      case .tokens(let last): pass.stage = try forgetTokensWithoutKeys(after: last)
      case .keys(let last): pass.stage = try forgetKeysWithoutPreviews(after: last)
      case .done: return true
      }
      rows += Self.page
    }
    return false
  }

  private func forgetViewers(
    after last: (token: Int, openID: String), before horizon: Int
  ) throws(StoreError) -> ForgettingPass.Stage {
    let rows = try db.all(
      """
      select token_id, open_id, seen_day from viewer where (token_id, open_id) > (?, ?)
      order by token_id, open_id limit ?
      """, .int(last.token), .text(last.openID), .int(Self.page)
    ) { (row) throws(StoreError) in (token: row.int(0), openID: row.text(1), seen: row.int(2)) }
    for row in rows where row.seen < horizon {
      try db.execute(
        "delete from viewer where token_id = ? and open_id = ?", .int(row.token),
        .text(row.openID))
    }
    guard let end = rows.last else { return .tags(key: .min, token: .min, PreviewsByDay()) }
    return .viewers(token: end.token, openID: end.openID)
  }

  /// Counts what stays, key by key.
  private func forgetTags(
    after last: (key: Int, token: Int), before horizon: Int, _ counted: PreviewsByDay,
    _ needed: ForgettingPass.Needed
  ) throws(StoreError) -> ForgettingPass.Stage {
    let rows = try db.all(
      """
      select key_id, token_id, seen_day from tag where (key_id, token_id) > (?, ?)
      order by key_id, token_id limit ?
      """, .int(last.key), .int(last.token), .int(Self.page)
    ) { (row) throws(StoreError) in (key: row.int(0), token: row.int(1), seen: row.int(2)) }
    var counted = counted
    var last = last
    for row in rows {
      if row.key != last.key {
        if let surplus = counted.surplus(beyond: Keeping.previewsOfAKey) {
          return .surplus(key: last.key, token: .min, surplus)
        }
        counted = PreviewsByDay()
      }
      if needed.keys.contains(row.key) || needed.tokens.contains(row.token) {
        // It is kept, and does not count.
      } else if row.seen < horizon {
        try delete(tag: row.key, row.token)
      } else {
        counted.add(day: row.seen)
      }
      last = (row.key, row.token)
    }
    if !rows.isEmpty { return .tags(key: last.key, token: last.token, counted) }
    guard let surplus = counted.surplus(beyond: Keeping.previewsOfAKey) else {
      return .tokens(after: .min)
    }
    return .surplus(key: last.key, token: .min, surplus)
  }

  private func drop(
    _ surplus: Surplus, of key: Int, after last: Int, _ needed: ForgettingPass.Needed
  ) throws(StoreError) -> ForgettingPass.Stage {
    let rows = try db.all(
      "select token_id, seen_day from tag where key_id = ? and token_id > ? order by token_id limit ?",
      .int(key), .int(last), .int(Self.page)
    ) { (row) throws(StoreError) in (token: row.int(0), seen: row.int(1)) }
    guard let end = rows.last else { return .tags(key: key, token: .max, PreviewsByDay()) }
    var surplus = surplus
    var dropped = 0
    for row in rows where !needed.tokens.contains(row.token) && surplus.takes(lastSeen: row.seen) {
      try delete(tag: key, row.token)
      dropped += 1
    }
    if dropped > 0 {
      try db.execute(
        "update known_key set dropped = dropped + ? where id = ?", .int(dropped), .int(key))
    }
    return .surplus(key: key, token: end.token, surplus)
  }

  /// An ask that a worker has put in lanes needs them no more: its previews are lanes by then.
  private func previewsNeeded() throws(StoreError) -> ForgettingPass.Needed {
    var needed = ForgettingPass.Needed()
    try db.each(
      """
      select known_key.id, null from ask indexed by asks_held_back
      cross join known_key on known_key.account = ask.account and known_key.name = ask.lane
      where due_ms is not null and lane_id is null and outcome is null and ask.kind = 'key'
      union all
      select null, known_token.id from ask indexed by asks_held_back
      cross join known_token on known_token.account = ask.account and url = ask.lane
      where due_ms is not null and lane_id is null and outcome is null and ask.kind = 'url'
      """
    ) { (row) throws(StoreError) in
      if let key = row.optionalInt(0) { needed.keys.insert(key) }
      if let token = row.optionalInt(1) { needed.tokens.insert(token) }
    }
    return needed
  }

  private func delete(tag key: Int, _ token: Int) throws(StoreError) {
    try db.execute("delete from tag where key_id = ? and token_id = ?", .int(key), .int(token))
  }

  private func forgetTokensWithoutKeys(
    after last: Int
  ) throws(StoreError) -> ForgettingPass.Stage {
    let rows = try db.all(
      """
      select id, exists (select 1 from tag where token_id = known_token.id)
      from known_token where id > ? order by id limit ?
      """, .int(last), .int(Self.page)
    ) { (row) throws(StoreError) in (id: row.int(0), hasKey: row.bool(1)) }
    var last = last
    for row in rows {
      if !row.hasKey, try !db.forgetToken(row.id, viewersAtMost: Self.page).isGone {
        // Its viewers take more than one slice.
        return .tokens(after: last)
      }
      last = row.id
    }
    return rows.isEmpty ? .keys(after: .min) : .tokens(after: last)
  }

  private func forgetKeysWithoutPreviews(
    after last: Int
  ) throws(StoreError) -> ForgettingPass.Stage {
    let rows = try db.all(
      """
      select id, exists (select 1 from tag where key_id = known_key.id)
      from known_key where id > ? order by id limit ?
      """, .int(last), .int(Self.page)
    ) { (row) throws(StoreError) in (id: row.int(0), hasPreviews: row.bool(1)) }
    for row in rows where !row.hasPreviews {
      try db.execute("delete from known_key where id = ?", .int(row.id))
    }
    return rows.last.map { .keys(after: $0.id) } ?? .done
  }

  /// The day on which the last pass began.
  package func forgotDay() throws(StoreError) -> Int {
    try db.first("select forgot_day from worker") { (row) throws(StoreError) in row.bounded(0) }
      ?? 0
  }

  package func noteForgot(day: Int) throws(StoreError) {
    try db.execute("update worker set forgot_day = ?", .int(day))
  }
}
