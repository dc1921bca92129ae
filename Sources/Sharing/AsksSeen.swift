/// Whether there can be asks that were not pulled, as looks tell without reading any.
///
/// A look brings the newest number that an ask has, and a transaction that began after that number was given. So all asks
/// up to that number belong to transactions before it. Once these are over and have been pulled, nothing is left.
struct AsksSeen {
  private var newest: Int?
  private var givenBefore = TransactionID(0)

  mutating func note(newest number: Int, before transaction: TransactionID) {
    if number == newest { return }
    newest = number
    givenBefore = transaction
  }

  func areAllIn(_ pulled: Snapshot?) -> Bool { pulled.map { $0.begin >= givenBefore } ?? false }
}
