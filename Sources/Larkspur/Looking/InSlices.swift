import Basics
import Planning

extension Inspector {
  /// Makes many changes, a slice at a time. Each slice is a transaction of its own, so that no
  /// other program waits long for the write lock. `change` is told how many rows to look at, and
  /// returns whether it is done.
  borrowing func inSlices(
    _ change: (_ rows: Int) throws(StoreError) -> Bool
  ) throws(StoreError) {
    var slice = Slice()
    while true {
      let began = ContinuousClock.now
      let isDone = try db.transaction { () throws(StoreError) in try change(slice.rows) }
      if isDone { return }
      let took = began.duration(to: .now)
      slice.note(took: Int(took / .milliseconds(1)))
      // Others have been waiting for as long. They could not know when the lock would be free, so
      // it is left free for a while.
      letOthersIn(for: min(max(took, .milliseconds(1)), .milliseconds(50)))
    }
  }

  private func letOthersIn(for span: Duration) {
    sleepBriefly(nanoseconds: Int(span / .nanoseconds(1)))
  }

  /// Makes the same change to each of these asks, in slices.
  borrowing func inSlices(
    _ asks: [Int], _ change: (Int) throws(StoreError) -> Void, isWanted: () -> Bool
  ) throws(StoreError) {
    var left = asks[...]
    if left.isEmpty { return }
    try inSlices { (rows) throws(StoreError) in
      for ask in left.prefix(rows) { try change(ask) }
      left = left.dropFirst(rows)
      return left.isEmpty || !isWanted()
    }
  }

  /// The lanes of this name, of all kinds.
  borrowing func lanes(
    named name: String, account: String?
  ) throws(StoreError) -> [Int] {
    try db.all(
      """
      -- Crossed, because the index begins with account and kind: SQLite would rather read all lanes.
      select lane.id from account cross join json_each(?3) as kind
      cross join lane on lane.account_id = account.id and lane.kind = kind.value and lane.name = ?1
      where ?2 is null or account.name = ?2
      """, .text(name), .of(account), .text(JSONText.list(Aim.allCases.map(\.rawValue)))
    ) { (row) throws(StoreError) in row.int(0) }
  }
}
