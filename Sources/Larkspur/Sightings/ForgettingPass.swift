import Planning

/// How far a pass over all sightings has come. It goes through the tables in the order of their
/// keys, some rows at a time.
package struct ForgettingPass: Sendable {
  enum Stage {
    case viewers(token: Int, openID: String)
    /// `most` is how many previews of this key are kept.
    case tags(key: Int, token: Int, PreviewsByDay, most: Int)
    /// Goes through the tags of one key again.
    case surplus(key: Int, token: Int, Surplus)
    case tokens(after: Int)
    case keys(after: Int)
    case done
  }

  var stage = Stage.viewers(token: .min, openID: "")
  /// Asks that may not go yet will need these. Nil until they are known.
  var needed: Needed?
  /// By account, for those that do not have the usual ones. Nil until they are known.
  var limits: [String: SightingLimits]?

  struct Needed {
    var keys: Set<Int> = []
    var tokens: Set<Int> = []
  }

  /// What it takes for today.
  package let today: Int
  /// No sighting can be newer. Nil if the clock cannot be believed.
  private let newest: Int?
  /// The day of the oldest preview of a key that stays.
  package private(set) var oldest: Int?

  package init(day: Int) {
    today = day
    newest = nil
  }

  package init(_ days: ForgettingDays, wall: Int) {
    today = days.today(wall: wall)
    newest = days.newest(wall: wall)
  }

  func limits(of account: String) -> SightingLimits { limits?[account] ?? SightingLimits() }

  func isOld(_ seen: Int, account: String) -> Bool {
    seen < limits(of: account).horizon(on: today)
  }

  /// The day to write instead of one that has not come yet; nil if the row is right. Midnight may
  /// pass during a pass.
  func correction(of seen: Int) -> Int? {
    newest.flatMap { seen > $0 + 1 ? $0 : nil }
  }

  mutating func note(kept seen: Int) { oldest = min(oldest ?? seen, seen) }
}

/// Forgets what was not seen for a long time, and what a key has too much of.
///
/// A token is seen whenever one of its keys or viewers is, so it goes when its last key has gone.
extension WorkerStore {
  /// Rows between two looks at the clock, and in one transaction.
  static let sightingsAtOnce = 100
  private static let slice = 10_000

  /// Continues a pass until the time is up. True when it is finished.
  package func forgetSightings(
    _ pass: inout ForgettingPass, isTimeUp: () -> Bool
  ) throws(StoreError) -> Bool {
    if pass.needed == nil { pass.needed = try previewsNeeded() }
    if pass.limits == nil { pass.limits = try sightingLimits() }
    var rows = 0
    while rows < Self.slice {
      if rows > 0 && isTimeUp() { return false }
      switch pass.stage {
      case .viewers(let token, let openID): try forgetViewers(after: (token, openID), &pass)
      case .tags(let key, let token, let counted, let most):
        try forgetTags(after: (key, token), counted, most: most, &pass)
      case .surplus(let key, let token, let surplus):
        try drop(surplus, of: key, after: token, &pass)
      case .tokens(let last): try forgetTokensWithoutKeys(after: last, &pass)
      case .keys(let last): try forgetKeysWithoutPreviews(after: last, &pass)
      case .done: return true
      }
      rows += Self.sightingsAtOnce
    }
    return false
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

  package func forgettingDays() throws(StoreError) -> ForgettingDays {
    try db.first("select forgot_day, forgot_ms from worker") { (row) throws(StoreError) in
      ForgettingDays(last: row.count(0), began: row.moment(1))
    } ?? ForgettingDays(last: 0, began: .zero)
  }

  package func note(_ days: ForgettingDays) throws(StoreError) {
    try db.execute(
      "update worker set forgot_day = ?, forgot_ms = ?", .int(days.last), .of(days.began))
  }
}
