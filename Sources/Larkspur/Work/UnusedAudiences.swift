import Planning

/// Finds audiences that nothing refers to any more. It collects the ones that were not used lately,
/// then goes through all lanes, asks and calls, a slice at a time, and strikes those that are still
/// named.
package struct UnusedAudiences: Sendable {
  fileprivate enum Stage {
    case gathering, lanes, asks, calls, forgetting
  }

  fileprivate var stage = Stage.gathering
  /// The last row of this stage that was read.
  fileprivate var row = 0
  fileprivate var found: IDSet
  package init() { found = IDSet(above: 0) }

  /// Parts of asks by key have negative ids, and name audiences too.
  fileprivate mutating func begin(_ stage: Stage, after row: Int = .min) {
    self.stage = stage
    self.row = row
  }
}

extension WorkerStore {
  /// A person has had an account forgotten. The users its previews were for are forgotten with it.
  package func deleteAudiencesOfForgottenAccounts() throws(StoreError) {
    try db.execute(
      """
      delete from audience where account_id in (
        select distinct account_id from audience indexed by audiences_like_this_one
        where account_id not in (select id from account)
          -- Whose account somebody has deleted by hand are repaired.
          and not exists (select 1 from lane where lane.account_id = audience.account_id))
      """)
  }

  /// Continues the search; true when it is finished.
  ///
  /// Anything that uses an audience meanwhile marks it as used on disk (`isLookingForUnused`), and
  /// what was used since `horizon` is kept.
  package func forgetUnusedAudiences(
    since horizon: Moment, rows: Int, _ search: inout UnusedAudiences
  ) throws(StoreError) -> Bool {
    switch search.stage {
    case .gathering: return try gather(unusedSince: horizon, rows: rows, &search)
    case .lanes:
      try strike(
        """
        select id, audience_id, follow_id from lane where id > ? order by id limit ?
        """, rows: rows, &search, next: .asks)
    case .asks:
      try strike(
        "select id, audience_id, null from ask where id > ? order by id limit ?", rows: rows,
        &search, next: .calls)
    case .calls:
      try strike(
        "select id, audience_id, null from call where id > ? order by id limit ?", rows: rows,
        &search, next: .forgetting)
    case .forgetting: try forget(unusedSince: horizon, rows: rows, &search)
    }
    return false
  }

  private func gather(
    unusedSince horizon: Moment, rows: Int, _ search: inout UnusedAudiences
  ) throws(StoreError) -> Bool {
    var seen = 0
    try db.each(
      "select id, used_ms from audience where id > ? and id <= ? order by id limit ?",
      .int(search.row), .int(search.found.last), .int(rows)
    ) { (row) throws(StoreError) in
      seen += 1
      search.row = row.int(0)
      if row.moment(1) < horizon { search.found.insert(row.int(0)) }
    }
    if seen == rows { return false }
    if !search.found.isEmpty {
      search.begin(.lanes)
      return false
    }
    return try goOn(&search)
  }

  /// Starts on the next range of ids; true if no audience lies beyond the last range.
  private func goOn(_ search: inout UnusedAudiences) throws(StoreError) -> Bool {
    let last = search.found.last
    let next =
      try db.first("select min(id) from audience where id > ?", .int(last)) {
        (row) throws(StoreError) in row.optionalInt(0)
      } ?? nil
    guard let next else { return true }
    search.found = IDSet(above: next - 1)
    search.begin(.gathering, after: next - 1)
    return false
  }

  private func strike(
    _ sql: StaticString, rows: Int, _ search: inout UnusedAudiences,
    next: UnusedAudiences.Stage
  ) throws(StoreError) {
    var seen = 0
    try db.each(sql, .int(search.row), .int(rows)) { (row) throws(StoreError) in
      seen += 1
      search.row = row.int(0)
      if let audience = row.optionalInt(1) { search.found.remove(audience) }
      if let follow = row.optionalInt(2) { search.found.remove(follow) }
    }
    if seen < rows { search.begin(next) }
  }

  private func forget(
    unusedSince horizon: Moment, rows: Int, _ search: inout UnusedAudiences
  ) throws(StoreError) {
    let unused = search.found.first(rows)
    for id in unused {
      try db.execute(
        "delete from audience where id = ? and used_ms < ?", .int(id), .of(horizon))
      search.found.remove(id)
    }
    if !unused.isEmpty { audiences = AudienceCache() }
    if search.found.isEmpty { search.begin(.gathering, after: search.found.last) }
  }
}

/// A set of ids within one range, one bit each: a million ids take 125 kB.
private struct IDSet: Sendable {
  private let base: Int
  private var words: [UInt64] = []
  private var count = 0
  /// All words before this one are empty.
  private var firstWord = 0

  private static let range = 8_000_000

  /// Clamped, so that a row with the largest possible id causes no overflow.
  init(above id: Int) { base = min(id, .max - Self.range) + 1 }

  /// The last id that fits in.
  var last: Int { base + (Self.range - 1) }

  var isEmpty: Bool { count == 0 }

  mutating func insert(_ id: Int) {
    let (word, bit) = place(of: id)
    while words.count <= word { words.append(0) }
    if words[word] & bit == 0 { count += 1 }
    words[word] |= bit
  }

  mutating func remove(_ id: Int) {
    guard id >= base, id <= last else { return }
    let (word, bit) = place(of: id)
    guard word < words.count, words[word] & bit != 0 else { return }
    words[word] &= ~bit
    count -= 1
  }

  /// The lowest ids, at most `limit` of them.
  mutating func first(_ limit: Int) -> [Int] {
    var ids: [Int] = []
    while firstWord < words.count, words[firstWord] == 0 { firstWord += 1 }
    for word in firstWord..<max(firstWord, words.count) where words[word] != 0 {
      for bit in 0..<64 where words[word] & (1 << UInt64(bit)) != 0 {
        ids.append(base + word * 64 + bit)
        if ids.count == limit { return ids }
      }
    }
    return ids
  }

  private func place(of id: Int) -> (word: Int, bit: UInt64) {
    ((id - base) / 64, 1 << UInt64((id - base) % 64))
  }
}
