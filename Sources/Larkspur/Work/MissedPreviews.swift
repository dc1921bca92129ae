import Planning

/// A preview of a key that was not refreshed, for the asks with this reach and these numbers.
struct MissedPreview {
  let token: String
  /// As in the column `part_for`.
  let reach: Int
  let numbers: Range<Int>
  let reason: String
}

/// Works out for each ask of a key what was not refreshed. Asks that follow each other mostly missed
/// the same.
struct MissedPreviews {
  struct Missed {
    /// JSON, from which `retry` goes on.
    let list: String
    let reason: String
  }

  private let all: [MissedPreview]
  private var last: (indices: [Int], missed: Missed)?

  init(_ all: [MissedPreview]) { self.all = all }

  var isEmpty: Bool { all.isEmpty }

  /// Nil if nothing was.
  mutating func of(_ number: Int, reach: Int) -> Missed? {
    let indices = all.indices.filter {
      all[$0].reach == reach && all[$0].numbers.contains(number)
    }
    if indices.isEmpty { return nil }
    if let last, last.indices == indices { return last.missed }
    // Two parts may be of the same preview.
    var seen: Set<String> = []
    let tokens = indices.map { all[$0].token }.filter { seen.insert($0).inserted }
    let others = tokens.count > 1 ? " and \(tokens.count - 1) more" : ""
    // Knowing a token is enough to use it, and the reason is printed.
    let first = tokens[0].count > 14 ? tokens[0].prefix(12) + "…" : tokens[0]
    let missed = Missed(
      list: JSONText.list(tokens),
      reason: "not refreshed: \(first)\(others); \(all[indices[0]].reason)")
    last = (indices, missed)
    return missed
  }
}

extension WorkerStore {
  func notRefreshed(_ key: Int) throws(StoreError) -> [MissedPreview] {
    try db.all(
      """
      select token, first, before, reason, reach from not_refreshed where lane_id = ? order by id
      """, .int(key)
    ) { (row) throws(StoreError) in
      let first = row.bounded(1)
      return MissedPreview(
        token: row.text(0), reach: row.int(4), numbers: first..<max(first, row.bounded(2)),
        reason: row.text(3))
    }
  }

  /// Forgets what no open ask of the key needs to know.
  func forgetMissed(_ key: Int) throws(StoreError) {
    try db.execute(
      """
      delete from not_refreshed where lane_id = ?1 and before <= ifnull((
        select min(first_call) from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null), ?2)
      """, .int(key), .int(.max))
  }
}
