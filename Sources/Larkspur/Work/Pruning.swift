import Planning

/// How far a pass over the history has come. A pass proceeds in small pieces, so that nothing waits
/// long for it.
package struct PruneCursor: Sendable {
  var ask = 0
  var lane = 0
  /// Rows removed so far.
  package var asks = 0
  package var calls = 0

  package init() {}
}

extension WorkerStore {
  /// Checks the next `rows` rows, and deletes asks and calls that ended before `horizon` and lanes
  /// that were not used since. True when the pass is finished.
  ///
  /// A card's lane remembers the card's sequence and stays two weeks longer. After that the card
  /// cannot be changed any more.
  package func prune(
    endedBefore horizon: Moment, rows: Int, _ cursor: inout PruneCursor
  ) throws(StoreError) -> Bool {
    let isHistoryDone = try History.prune(
      db, endedBefore: horizon, callsBefore: horizon, rows: rows, &cursor)
    let last =
      try db.first(
        "select max(id) from (select id from lane where id > ? order by id limit ?)",
        .int(cursor.lane), .int(rows)
      ) { (row) throws(StoreError) in row.optionalInt(0) } ?? nil
    guard let last else { return isHistoryDone }
    try db.execute(
      """
      delete from lane where id > ?1 and id <= ?2 and state = 'idle'
        and slot_ms < ifnull(json_extract(?4, '$.' || kind), ?3)
        and not exists (select 1 from ask where lane_id = lane.id and outcome = 'dead')
      """, .int(cursor.lane), .int(last), .of(horizon),
      .text(Self.memories(until: horizon)))
    cursor.lane = last
    return false
  }

  /// A lane that remembers its parcels is kept longer, by the lifetime of its kind's asks.
  private static func memories(until horizon: Moment) -> String {
    JSONText.object(
      Kind.allCases.compactMap { kind in
        kind.rules.parcels?.asksLive.map { (kind.rawValue, "\((horizon - $0).ms)") }
      })
  }

  /// When the last pass finished.
  package func lastPruned() throws(StoreError) -> Moment {
    try db.first("select pruned_ms from worker") { (row) throws(StoreError) in row.moment(0) }
      ?? .zero
  }

  package func notePruned(at now: Moment) throws(StoreError) {
    try db.execute("update worker set pruned_ms = ?", .of(now))
  }
}

/// Asks and calls that have ended.
package enum History {
  /// Budgets are counted from the calls of the last minute, so calls this recent are always kept.
  static let callsKept: Span = .minutes(2)

  /// Checks the next `rows` rows of the history, and deletes asks that ended before `horizon` and
  /// calls that ended before `callHorizon`. True when nothing is left to check.
  package static func prune(
    _ db: borrowing Connection, endedBefore horizon: Moment, callsBefore callHorizon: Moment,
    rows: Int, _ cursor: inout PruneCursor
  ) throws(StoreError) -> Bool {
    let last =
      try db.first(
        "select max(id) from (select id from ask where id > ? order by id limit ?)",
        .int(cursor.ask), .int(rows)
      ) { (row) throws(StoreError) in row.optionalInt(0) } ?? nil
    if let last {
      // Dead asks stay until a person retries or cancels them.
      try db.execute(
        """
        delete from ask where id > ? and id <= ? and ended_ms < ?
          and outcome in ('delivered', 'expired', 'cancelled')
        """, .int(cursor.ask), .int(last), .of(horizon))
      cursor.asks += db.changes
      cursor.ask = last
    }
    // Calls start in the order of their ids, so the oldest ones have the lowest ids.
    try db.execute(
      """
      delete from call where id < (select min(id) from call) + ? and started_ms < ?2
        and ended_ms < ?2
      """, .int(rows), .of(callHorizon))
    let calls = db.changes
    cursor.calls += calls
    try db.execute(
      """
      delete from span where id < (select min(id) from span) + ? and ended_ms < ?
      """, .int(rows), .of(callHorizon))
    return last == nil && calls == 0
  }
}
