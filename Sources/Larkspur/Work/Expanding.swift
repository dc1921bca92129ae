import Planning

/// What a pass over new asks has expanded.
struct Expansion {
  private struct Done: Hashable {
    let account: String
    let kind: String
    let name: String
    let body: String
    let urgency: Urgency

    init(_ ask: IncomingAsk) {
      (account, kind, name, body) = (ask.row.account, ask.row.kind, ask.row.lane, ask.body)
      urgency = ask.urgency
    }
  }

  private var done: Set<Done> = []
  private var previews = 0
  var lastPart: Int?

  /// Some milliseconds of work, so that others can write.
  private static let previewsAtOnce = 500

  private var isFull: Bool { previews >= Self.previewsAtOnce }

  /// Whether the ask has to wait for the next pass. The same as one that was expanded in this pass
  /// costs nothing.
  func isFull(for ask: IncomingAsk) -> Bool { isFull && !covers(ask) }

  /// Whether the same was expanded in this pass already: all its parts are there, and wait. Of a dead
  /// ask that is retried, only some are wanted.
  fileprivate func covers(_ ask: IncomingAsk) -> Bool {
    ask.refused == nil && done.contains(Done(ask))
  }

  fileprivate mutating func note(_ ask: IncomingAsk) {
    if ask.refused == nil { done.insert(Done(ask)) }
  }

  fileprivate mutating func note(previews count: Int) { previews += count }
}

/// The lane of a key or URL, as an ask finds it.
struct KeyLane {
  let id: Int
  /// It began to wait.
  let isNew: Bool
  /// Of the ask, among those of the lane.
  let number: Int
}

/// What an ask by key or URL stands for, beyond what waits already.
struct Expanded {
  /// The lane of the key began to wait.
  var isNew = false
  /// Some lanes that waited already have become urgent.
  var hasMadeUrgent = false
  var parts: [(ask: IncomingAsk, wants: Audience)] = []
}

/// Asks by key or URL. Each preview that was seen gets an ask of its own, a part. The key's ask
/// waits in a lane that is never claimed until all parts have ended.
extension WorkerStore {
  /// Lets the ask wait in the lane of its key. The caller puts the parts into their lanes.
  func expand(
    _ ask: IncomingAsk, _ selector: Selector, account: Int, at now: Moment,
    _ expansion: inout Expansion
  ) throws(StoreError) -> Result<Expanded, UnusableAsk> {
    guard let reach = try reach(namedBy: ask.body) else { return .failure(.reach) }
    if ask.refused == nil { try countAsk(ask, selector) }
    var previews: [ShownPreview] = []
    let isCovered = expansion.covers(ask)
    if !isCovered {
      previews = try self.previews(of: ask, selector)
      if previews.isEmpty {
        try endUnseen(ask, selector, at: now)
        return .success(Expanded())
      }
    }
    let key = try key(ask, account: account)
    var expanded = Expanded(isNew: key.isNew)
    if !isCovered {
      expansion.note(ask)
      expansion.note(previews: previews.count)
    }
    let limits = try previews.isEmpty ? [] : limits(of: .preview, account: account)
    let most = try reach == .viewers ? viewersMost(account: ask.row.account) : 0
    var calls = CallsOfMany()
    for (place, preview) in previews.enumerated() {
      let viewers = try reach == .viewers ? viewers(of: preview, most: most) : []
      let wants = reach.audience(viewers: viewers, most: most)
      let call = calls.call(for: wants)
      if let part = try part(
        of: key.id, preview.token, account: account, wanting: wants, at: now)
      {
        try join(part, ask, reach)
        if ask.urgency == .urgent { expanded.hasMadeUrgent = true }
        continue
      }
      let part = try insertPart(
        ask, reach, of: key, preview.token, place: place,
        turn: Turn.place(call: call, from: now, under: limits), &expansion)
      expanded.parts.append((part, wants))
    }
    try db.execute(
      """
      update ask set lane_id = ?1, audience_id = null, expires_ms = ?2, due_ms = null,
        refused = null, reason = null, first_call = ?3
      where id = ?4
      """, .int(key.id), .of(ask.expires), .int(key.number), .int(ask.id))
    return .success(expanded)
  }

  private func reach(namedBy body: String) throws(StoreError) -> KeyReach? {
    if body == #"{"everyone":true}"# { return .everyone }
    return try db.first(
      """
      select json_type(?1, '$.everyone') is 'true', json_type(?1, '$.viewers') is 'true'
      where json_valid(?1)
      """, .text(body)
    ) { (row) throws(StoreError) -> KeyReach? in
      row.bool(0) ? .everyone : row.bool(1) ? .viewers : nil
    } ?? nil
  }

  /// A backend that asks in its callback is noticed by this.
  private func countAsk(_ ask: IncomingAsk, _ selector: Selector) throws(StoreError) {
    guard selector == .key else { return }
    try db.execute(
      "update known_key set asks = asks + 1 where account = ? and name = ?",
      .text(ask.row.account), .text(ask.row.lane))
  }

  private func endUnseen(
    _ ask: IncomingAsk, _ selector: Selector, at now: Moment
  ) throws(StoreError) {
    try db.execute(
      """
      update ask set outcome = 'delivered', ended_ms = ?2, due_ms = null,
        reason = 'no preview was seen with this ' || ?3 where id = ?1
      """, .int(ask.id), .of(now), .text(selector == .key ? "key" : "URL"))
  }

  /// The lane of the key, which waits from its oldest ask on.
  private func key(_ ask: IncomingAsk, account: Int) throws(StoreError) -> KeyLane {
    let found = try db.first(
      "select id, state = 'idle', calls from lane where account_id = ? and kind = ? and name = ?",
      .int(account), .text(ask.row.kind), .text(ask.row.lane)
    ) { (row) throws(StoreError) in
      KeyLane(id: row.int(0), isNew: row.bool(1), number: row.bounded(2) + 1)
    }
    guard let found else {
      try db.execute(
        """
        insert into lane (account_id, kind, name, state, calls, since_ms, ready_ms, expires_ms, urgent)
        values (?1, ?2, ?3, 'waiting', 1, ?4, ?4, ?5, ?6)
        """, .int(account), .text(ask.row.kind), .text(ask.row.lane), .of(ask.asked),
        .of(ask.expires), .int(ask.urgency.rawValue))
      return KeyLane(id: db.lastInsertID, isNew: true, number: 1)
    }
    if found.isNew {
      try db.execute(
        "update lane set state = 'waiting', since_ms = ?2, ready_ms = ?2, expires_ms = ?3 where id = ?1",
        .int(found.id), .of(ask.asked), .of(ask.expires))
    } else if let expires = ask.expires {
      try db.execute(
        "update lane set expires_ms = min(ifnull(expires_ms, ?2), ?2) where id = ?1",
        .int(found.id), .of(expires))
    }
    try db.execute(
      "update lane set calls = ?, urgent = max(urgent, ?) where id = ?", .int(found.number),
      .int(ask.urgency.rawValue), .int(found.id))
    return found
  }
}

extension UnusableAsk {
  fileprivate static let reach = UnusableAsk(
    "its body is not {\"everyone\":true} or {\"viewers\":true}")
}
