import Planning

/// Deletes all that is stored about an account: of a tenant that has uninstalled its app, or of an account
/// that has left the configuration.
extension Inspector {
  package struct ForgottenAccount: Equatable, Sendable {
    package var asks = 0
    /// Those that had not been delivered. They are cancelled.
    package var cancelled = 0
    package var calls = 0
    package var sightings = ForgottenRows()

    package var total: Int { asks + calls + sightings.total }
  }

  /// `progress` is told how many rows are gone so far and returns whether to continue.
  package borrowing func forget(
    account name: String, progress: (Int) -> Bool = { _ in true }
  ) throws(QueueError) -> ForgottenAccount {
    if let reason = try perform({ () throws(StoreError) in try whyNotForgettable(name) }) {
      throw QueueError(.refused, "account '\(name)' \(reason)")
    }
    try refuseIfBusy(name, ForgottenAccount())
    var gone = ForgottenAccount()
    gone.cancelled = try perform { () throws(StoreError) in
      try cancelAll(of: name, progress)
    }
    guard progress(gone.cancelled) else { return gone }
    try refuseIfBusy(name, gone)
    let isGone = try perform { () throws(StoreError) in
      try forgetSightings(of: name, &gone, progress)
      try forgetHistory(of: name, &gone, progress)
      guard progress(gone.total) else { return true }
      return try db.transaction { () throws(StoreError) in try forgetRow(of: name) }
    }
    if !isGone {
      try refuseIfBusy(name, gone)
      throw QueueError(
        .busy, "account '\(name)' was asked for meanwhile\(Self.lost(gone)); run this again")
    }
    return gone
  }

  private borrowing func refuseIfBusy(
    _ name: String, _ gone: ForgottenAccount
  ) throws(QueueError) {
    guard let calls = try perform({ () throws(StoreError) in try unsettledCalls(of: name) }) else {
      return
    }
    let why =
      switch calls {
      case .open:
        "has a call that is not settled: it is under way, or its worker has died and the next one settles it"
      case .counts(let left):
        "was called a moment ago, and its calls count for two minutes: run this again in "
          + "\((left + 999) / 1_000) s"
      }
    throw QueueError(.busy, "account '\(name)' \(why)\(Self.lost(gone))")
  }

  /// What was done before it turned out that the account cannot be forgotten.
  private static func lost(_ gone: ForgottenAccount) -> String {
    gone.cancelled == 0 ? "" : "; \(gone.cancelled) of its asks are cancelled already"
  }

  private borrowing func whyNotForgettable(_ name: String) throws(StoreError) -> String? {
    try db.first(
      """
      select
        exists (select 1 from account where name = ?1) or exists (select 1 from ask where account = ?1)
          or exists (select 1 from known_token where account = ?1),
        exists (select 1 from account where name = ?1 and configured = 1 and limits ->> '$.app' is null),
        exists (select 1 from account where limits ->> '$.app' = ?1)
      """, .text(name)
    ) { (row) throws(StoreError) in
      if !row.bool(0) { return "is not known; 'larkspur status' lists the accounts" }
      if row.bool(1) {
        return
          "is in the configuration that a worker last read; remove it there, and let a worker read it"
      }
      if row.bool(2) { return "is a store app with tenants; forget its tenants first" }
      return nil
    } ?? nil
  }

  /// Calls that keep an account from being forgotten.
  private enum UnsettledCalls {
    case open
    /// They count against its limits for some time, also if something is asked for it again.
    case counts(left: Span)
  }

  private borrowing func unsettledCalls(
    of name: String
  ) throws(StoreError) -> UnsettledCalls? {
    try db.first(
      """
      select max(ended_ms is null), max(iif(api <> 'auth', started_ms, 0)) - (select now_ms from clock) + ?2
      from call join account on account.id = account_id where name = ?1
      """, .text(name), .int(History.callsKept)
    ) { (row) throws(StoreError) in
      if row.optionalInt(0) == 1 { return .open }
      return row.optionalInt(1).flatMap { $0 > 0 ? .counts(left: $0) : nil }
    } ?? nil
  }

  /// Lane by lane, so that the time does not grow with the asks of others.
  private borrowing func cancelAll(
    of name: String, _ progress: (Int) -> Bool
  ) throws(StoreError) -> Int {
    var cancelled = Cancelled()
    let homeless = try db.all(
      """
      select id from ask
      where account = ? and lane_id is null and (outcome is null or outcome = 'dead')
      """, .text(name)
    ) { (row) throws(StoreError) in row.int(0) }
    try cancel(homeless: homeless, &cancelled, progress)
    let lanes = try db.all(
      """
      select lane.id from lane join account on account.id = account_id
      where account.name = ? and (state <> 'idle' or exists (
        select 1 from ask indexed by asks_dead where outcome = 'dead' and lane_id = lane.id))
      """, .text(name)
    ) { (row) throws(StoreError) in row.int(0) }
    for lane in lanes where progress(cancelled.asks) {
      try cancel(lane: lane, &cancelled, progress)
    }
    return cancelled.asks
  }

  private borrowing func forgetSightings(
    of name: String, _ gone: inout ForgottenAccount, _ progress: (Int) -> Bool
  ) throws(StoreError) {
    let tokens = try db.all("select id from known_token where account = ?", .text(name)) {
      (row) throws(StoreError) in row.int(0)
    }
    try forget(tokens: tokens, of: nil, &gone.sightings, progress)
    guard progress(gone.total) else { return }
    gone.sightings.keys = try delete(
      "delete from known_key where id in (select id from known_key where account = ? limit ?)",
      of: name, gone.total, progress)
  }

  private borrowing func forgetHistory(
    of name: String, _ gone: inout ForgottenAccount, _ progress: (Int) -> Bool
  ) throws(StoreError) {
    guard progress(gone.total) else { return }
    let asks = try db.all(
      "select id from ask where account = ? and outcome is not null", .text(name)
    ) { (row) throws(StoreError) in row.int(0) }
    try inSlices(asks) { (ask) throws(StoreError) in
      // Somebody may have retried it meanwhile.
      try db.execute("delete from ask where id = ? and outcome is not null", .int(ask))
      gone.asks += db.changes
    } isWanted: {
      progress(gone.total)
    }
    gone.calls = try delete(
      """
      delete from call where id in (
        select call.id from call join account on account.id = account_id where name = ? limit ?)
      """, of: name, gone.total, progress)
    // Idle lanes, as when old ones are pruned.
    _ = try delete(
      """
      delete from lane where id in (
        select lane.id from lane join account on account.id = account_id
        where account.name = ? and state = 'idle' limit ?)
      """, of: name, gone.total, progress)
  }

  private borrowing func delete(
    _ rows: StaticString, of name: String, _ before: Int, _ progress: (Int) -> Bool
  ) throws(StoreError) -> Int {
    var deleted = 0
    guard progress(before) else { return 0 }
    try inSlices { (atMost) throws(StoreError) in
      try db.execute(rows, .text(name), .int(atMost))
      deleted += db.changes
      return db.changes < atMost || !progress(before + deleted)
    }
    return deleted
  }

  /// The last rows of the account. False if something was asked for it meanwhile. The worker notices in its
  /// next turn, or when it starts, that the account is gone, and deletes its audiences: it has them in memory.
  private borrowing func forgetRow(of name: String) throws(StoreError) -> Bool {
    let isAsked = try db.first("select 1 from ask where account = ?", .text(name)) {
      (_) throws(StoreError) in true
    }
    guard isAsked == nil, try unsettledCalls(of: name) == nil else { return false }
    for rows in Self.rowsByName { try db.execute(rows, .text(name)) }
    let id = try db.first("select id from account where name = ?", .text(name)) {
      (row) throws(StoreError) in row.int(0)
    }
    if let id { for rows in Self.rowsByNumber { try db.execute(rows, .int(id)) } }
    try tellWorker()
    return true
  }

  private static let rowsByName: [StaticString] = [
    "delete from total where account = ?", "delete from uncounted_ask where account = ?",
    "delete from uncounted_call where account = ?",
  ]

  private static let rowsByNumber: [StaticString] = [
    "delete from lane where account_id = ?", "delete from refused_person where account_id = ?",
    "delete from budget where account_id = ?",
    "delete from span where account_id = ?", "delete from account where id = ?",
  ]
}
