import Planning

/// What the configuration says about sightings, as the worker has recorded it.
extension WorkerStore {
  /// By account; those with the usual limits are left out.
  func sightingLimits() throws(StoreError) -> [String: SightingLimits] {
    let stored = try db.all(
      """
      select name, limits ->> '$.sightings_days', limits ->> '$.previews_per_key',
        limits ->> '$.viewers_most'
      from account where json_valid(limits)
      """
    ) { (row) throws(StoreError) in (row.text(0), SightingLimits(row, first: 1)) }
    return Dictionary(
      stored.filter { $0.1 != SightingLimits() }, uniquingKeysWith: { first, _ in first })
  }

  /// A refresh of a preview of this account with more viewers is for everyone.
  func viewersMost(account: String) throws(StoreError) -> Int {
    try db.first(
      "select limits ->> '$.viewers_most' from account where name = ? and json_valid(limits)",
      .text(account)
    ) { (row) throws(StoreError) in row.optionalInt(0).map { max(1, $0.bounded) } }
    .flatMap { $0 } ?? SightingLimits().viewersMost
  }
}

extension SightingLimits {
  /// Reads the columns days, previews of a key and viewers. What is null has its usual value.
  init(_ row: borrowing Statement, first: Int32) {
    self.init()
    days = row.optionalBounded(first).map { max(1, $0) } ?? days
    previewsPerKey = row.optionalBounded(first + 1).map { max(1, $0) } ?? previewsPerKey
    viewersMost = row.optionalBounded(first + 2).map { max(1, $0) } ?? viewersMost
  }
}
