import Planning

/// An ask about to be folded into its lane.
struct IncomingAsk {
  let id: Int
  let row: AskRow
  /// Empty for cards and sessions: their bodies are read when they are packed.
  let body: String
  let asked: Moment
  let expires: Moment?
  let audience: Int?
  /// It has ended, is held back, or was folded before its turn.
  let isOver: Bool
  /// JSON: the users who had been refused, if it is a dead ask that is retried.
  let refused: String?
  /// When it may go.
  let due: Moment
  let urgency: Urgency
  /// Its turn, if it is a part of an ask for many previews; zero otherwise.
  var spread: Moment = .zero

  /// Whether it is for many previews.
  var isByKey: Bool { Selector(rawValue: row.kind) != nil }
}

extension WorkerStore {
  /// When the next ask that is held back may go.
  package func nextHeldAsk() throws(StoreError) -> Moment? {
    try db.first(
      """
      select min(due_ms) from ask indexed by asks_held_back
      where due_ms is not null and lane_id is null and outcome is null
      """
    ) { (row) throws(StoreError) in row.optionalMoment(0) } ?? nil
  }

  /// How many asks may not go yet.
  package func delayedAsks(at now: Moment) throws(StoreError) -> Int {
    try db.first(
      """
      select count(*) from ask indexed by asks_held_back
      where due_ms > ? and due_ms is not null and lane_id is null and outcome is null
      """, .of(now)
    ) { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// The id of the newest ask.
  package func newestAsk() throws(StoreError) -> Int {
    try db.first("select max(id) from ask") { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// The id of the newest ask that has been looked at for folding.
  package func foldedAsk() throws(StoreError) -> Int {
    try db.first("select folded_ask from worker") { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// The last ask of a pass: at most `limit` asks, and at most 4,000,000 characters of bodies to
  /// save memory, but always at least one ask.
  func lastAsk(within limit: Int) throws(StoreError) -> Int? {
    try db.first(
      """
      select ifnull(max(iif(bytes <= 4000000, id, null)), min(id)) from (
        select id, sum(length(body)) over (order by id) as bytes
        from (select id, body from ask where id > (select folded_ask from worker)
              order by id limit ?))
      """, .int(limit)
    ) { (row) throws(StoreError) in row.optionalInt(0) } ?? nil
  }

  /// Asks made more than ten years ago count as ten years old, so that the sum of two moments does
  /// not overflow.
  private static let longAgo: Span = .days(3_650)

  func newAsks(through last: Int, at now: Moment) throws(StoreError) -> [IncomingAsk] {
    try db.all(
      """
      select id, account, kind, lane, iif(kind in ('preview', 'key', 'url'), body, ''), after_ms, expires_in_ms,
        audience_id, refused, urgent, spread_ms, asked_ms,
        outcome is not null or lane_id is not null or due_ms is not null
      from ask where id > (select folded_ask from worker) and id <= ? order by id
      """, .int(last)
    ) { (row) throws(StoreError) in self.newAsk(row, at: now, isOver: row.bool(12)) }
  }

  func earlyAsks(at now: Moment, limit: Int) throws(StoreError) -> [IncomingAsk] {
    try db.all(
      """
      select id, account, kind, lane, iif(kind in ('preview', 'key', 'url'), body, ''), after_ms, expires_in_ms,
        audience_id, refused, urgent, spread_ms, asked_ms
      from ask indexed by asks_folded_first
      where kind <> 'preview' and lane_id is null and due_ms is null and outcome is null
        and id > (select folded_ask from worker)
      order by id limit ?
      """, .int(limit)
    ) { (row) throws(StoreError) in self.newAsk(row, at: now) }
  }

  /// An open ask as if it had just come in.
  func ask(_ id: Int, at now: Moment) throws(StoreError) -> IncomingAsk? {
    try db.first(
      """
      select id, account, kind, lane, '', after_ms, expires_in_ms, null, null, urgent, spread_ms, asked_ms
      from ask where id = ? and outcome is null
      """, .int(id)
    ) { (row) throws(StoreError) in self.newAsk(row, at: now) }
  }

  func heldAsks(due now: Moment, limit: Int) throws(StoreError) -> [IncomingAsk] {
    try db.all(
      """
      select id, account, kind, lane, iif(kind in ('preview', 'key', 'url'), body, ''), after_ms, expires_in_ms,
        audience_id, refused, urgent, spread_ms, due_ms, expires_ms
      from ask indexed by asks_held_back
      where due_ms <= ? and due_ms is not null and lane_id is null and outcome is null
      order by due_ms limit ?
      """, .of(now), .int(limit)
    ) { (row) throws(StoreError) in
      let due = max(row.moment(11), now - Self.longAgo)
      return self.ask(row, asked: due, due: due, expires: row.optionalMoment(12))
    }
  }

  private func newAsk(
    _ row: borrowing Statement, at now: Moment, isOver: Bool = false
  ) -> IncomingAsk {
    // An ask from the future was written by a clock that was wrong. Treat it as made now.
    let asked = min(now, max(clocks.queue(row.wallMoment(11)), now - Self.longAgo))
    let expires = row.optionalInt(6).map { asked + $0.bounded }
    return ask(
      row, asked: asked, due: asked + row.bounded(5), expires: expires, isOver: isOver)
  }

  /// Reads the columns id, account, kind, lane, body, after_ms, expires_in_ms, audience_id, refused,
  /// urgent and spread_ms.
  private func ask(
    _ row: borrowing Statement, asked: Moment, due: Moment, expires: Moment?,
    isOver: Bool = false
  ) -> IncomingAsk {
    IncomingAsk(
      id: row.int(0),
      row: AskRow(
        account: row.text(1), kind: row.text(2), lane: row.text(3), after: row.int(5),
        expiresIn: row.optionalInt(6)),
      body: row.text(4), asked: asked, expires: expires, audience: row.optionalInt(7),
      isOver: isOver, refused: row.optionalText(8), due: due,
      urgency: row.bool(9) ? .urgent : .ordinary, spread: row.moment(10))
  }
}
