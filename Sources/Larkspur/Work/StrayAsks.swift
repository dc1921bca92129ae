import Planning

/// How far a search for stray asks has come.
package struct StraySearch: Sendable {
  /// Whether all rows are checked, or only those that an index lists as being in a lane.
  fileprivate let isWhole: Bool
  fileprivate var lane = Int.min
  fileprivate var firstCall: Int? = .min
  /// Nil at the start of the next group of asks, those of one lane and first call.
  fileprivate var ask: Int?
  /// Nil until the asks in lanes have been checked.
  fileprivate var row: Int?
  /// Nil once the lanes themselves have been checked.
  fileprivate var lanes: LaneSearch?

  package init(isWhole: Bool) {
    self.isWhole = isWhole
    lanes = isWhole ? LaneSearch(isThorough: false) : nil
  }
}

/// Repairs stray asks: open asks that no lane will ever end, because the worker's own columns in
/// their rows (the lane, the first call, the outcome) were changed by hand. They are folded again,
/// from what was asked.
extension WorkerStore {
  /// Rows checked in one transaction.
  private static let slice = 4_000
  /// Asks taken out of their lanes in one transaction. The rest waits for the next slice or search.
  private static let straysAtOnce = 500
  /// Rows between two looks at the clock. The columns that are read lie behind the body, which may
  /// be a megabyte.
  private static let page = 32

  /// Checks one slice. `underWay` are the calls that this run has not settled. True when the search is done.
  package func foldStrays(
    _ search: inout StraySearch, underWay: Set<Int>, at now: Moment, isTimeUp: () -> Bool
  ) throws(StoreError) -> Bool {
    if var lanes = search.lanes {
      let areAccountsSound = try repairAccounts(at: now)
      let isDone = try repairLanes(&lanes, underWay: underWay, at: now)
      search.lanes = isDone && areAccountsSound ? nil : lanes
      return false
    }
    if search.row == nil {
      guard try foldStraysInLanes(&search, at: now) else { return false }
      search.row = .min
      return !search.isWhole
    }
    var rows = 0
    while rows < Self.slice {
      if rows > 0 && isTimeUp() { return false }
      guard try foldStraysAmongRows(&search, at: now) else { return true }
      rows += Self.page
    }
    return false
  }

  /// Folds asks again that were folded before but are in no lane. Call it only when all asks are
  /// folded: the index then lists only these, and otherwise all of it would be read.
  package func foldStraysInNoLane(at now: Moment) throws(StoreError) {
    let strays = try db.all(
      """
      select id from ask indexed by asks_not_folded
      where lane_id is null and due_ms is null and outcome is null
        and id <= (select folded_ask from worker) limit ?
      """, .int(Self.straysAtOnce)
    ) { (row) throws(StoreError) in row.int(0) }
    for ask in strays { try foldAgain(ask, at: now) }
  }

  /// Folds asks again that are in an idle or missing lane, or wait for a call that will not come.
  /// An index answers this, so a million asks take a second.
  private func foldStraysInLanes(
    _ search: inout StraySearch, at now: Moment
  ) throws(StoreError) -> Bool {
    var found = FoundStrays(search)
    // SQLite can seek to an id only within one lane and first call, so there are two queries.
    if let ask = search.ask {
      try db.each(
        """
        select ask.id, ask.lane_id, ask.first_call,
          lane.id is null or lane.state = 'idle' or ask.first_call is null or ask.first_call > lane.calls + 1
        from ask indexed by asks_of_a_lane left join lane on lane.id = ask.lane_id
        where ask.lane_id = ? and ask.outcome is null and ask.first_call is ? and ask.id > ?
        order by ask.id limit ?
        """, .int(search.lane), .of(search.firstCall), .int(ask), .int(Self.slice)
      ) { (row) throws(StoreError) in found.note(row, atMost: Self.straysAtOnce) }
    }
    if !found.isFull && found.rows < Self.slice {
      try db.each(
        """
        select ask.id, ask.lane_id, ask.first_call,
          lane.id is null or lane.state = 'idle' or ask.first_call is null or ask.first_call > lane.calls + 1
        from ask indexed by asks_of_a_lane left join lane on lane.id = ask.lane_id
        where ask.lane_id is not null and ask.outcome is null and (ask.lane_id, ask.first_call) > (?, ?)
        order by ask.lane_id, ask.first_call, ask.id limit ?
        """, .int(search.lane), .int(search.firstCall ?? .min), .int(Self.slice - found.rows)
      ) { (row) throws(StoreError) in found.note(row, atMost: Self.straysAtOnce) }
    }
    search = found.place
    for ask in found.strays { try foldAgain(ask, at: now) }
    return !found.isFull && found.rows < Self.slice
  }

  private struct FoundStrays {
    var place: StraySearch
    var strays: [Int] = []
    var rows = 0
    var isFull = false

    init(_ search: StraySearch) { place = search }

    mutating func note(_ row: borrowing Statement, atMost most: Int) {
      if isFull { return }
      rows += 1
      (place.ask, place.lane, place.firstCall) = (row.int(0), row.int(1), row.optionalInt(2))
      if row.bool(3) { strays.append(row.int(0)) }
      isFull = strays.count == most
    }
  }

  /// Folds asks again that were folded before but are in no lane, that are in a lane they do not
  /// name, or that are held back for ever. False when there are no more rows.
  private func foldStraysAmongRows(
    _ search: inout StraySearch, at now: Moment
  ) throws(StoreError) -> Bool {
    var strays: [Int] = []
    var rows = 0
    try db.each(
      """
      select id, case
          when outcome is not null then false
          -- No ask is held back for longer than its own delay, which is ten years at most.
          when lane_id is null then due_ms is null or due_ms > ?2 + min(max(after_ms, 0), 315360000000)
          else not exists (
            select 1 from lane join account on account.id = lane.account_id
            where lane.id = ask.lane_id and lane.name = ask.lane and lane.kind = ask.kind
              and account.name = ask.account)
        end
      from ask where id > ?1 and id <= (select folded_ask from worker) order by id limit ?3
      """, .int(search.row ?? .min), .of(now), .int(Self.page)
    ) { (row) throws(StoreError) in
      rows += 1
      search.row = row.int(0)
      if row.bool(1) { strays.append(row.int(0)) }
    }
    for ask in strays { try foldAgain(ask, at: now) }
    return rows == Self.page
  }

  /// Takes an ask out of its lane so that it is folded again. It keeps the moment at which it was
  /// made.
  func foldAgain(_ id: Int, at now: Moment) throws(StoreError) {
    guard let ask = try ask(id, at: now) else { return }
    // A row that cannot be used dies when it is folded; there is no reason to wait for that.
    let due: Moment = if case .success = ask.row.checked() { ask.due } else { now }
    try db.execute(
      """
      update ask set lane_id = null, audience_id = null, first_call = null, refused = null, reason = null,
        due_ms = ?2, expires_ms = ?3
      where id = ?1
      """, .int(id), .of(due), .of(ask.expires))
    hasAsksToFoldAgain = true
  }

  /// The asks that wait in a lane, except those that were moved there from another lane.
  func waitingAsksInPlace(
    of lane: Int, limit: Int, at now: Moment
  ) throws(StoreError) -> [WaitingRow] {
    let waiting = try waitingAsks(of: lane, limit: limit)
    for ask in waiting where !ask.isInPlace { try foldAgain(ask.id, at: now) }
    // Asks without a first call have no place in the order, so the lane would wait for them for
    // ever.
    if waiting.isEmpty {
      let asks = try db.all(
        "select id from ask where lane_id = ? and outcome is null limit ?", .int(lane), .int(limit)
      ) { (row) throws(StoreError) in row.int(0) }
      for ask in asks { try foldAgain(ask, at: now) }
    }
    return waiting.filter(\.isInPlace)
  }
}
