/// A transaction of the server. Numbers are given in the order in which transactions begin to write, not in the order
/// in which they commit.
package struct TransactionID: Hashable, Comparable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Which transactions a statement of the server could see: what `pg_current_snapshot()` returns.
package struct Snapshot: Equatable, Sendable {
  /// As the server wrote it.
  package let text: String
  /// All transactions before this one have ended.
  package let begin: TransactionID
  /// This one and all after it had not begun.
  package let end: TransactionID
  /// Those between the two that were under way.
  private let underWay: Set<TransactionID>

  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let begin = UInt64(parts[0]), let end = UInt64(parts[1]), begin <= end
    else { return nil }
    var underWay: Set<TransactionID> = []
    for number in parts[2].split(separator: ",", omittingEmptySubsequences: true) {
      guard let number = UInt64(number), begin <= number, number < end else { return nil }
      underWay.insert(TransactionID(number))
    }
    self.text = text
    self.begin = TransactionID(begin)
    self.end = TransactionID(end)
    self.underWay = underWay
  }

  /// Whether the transaction had ended. What it wrote, if it was not rolled back, is visible.
  package func sees(_ transaction: TransactionID) -> Bool {
    if transaction < begin { return true }
    return transaction < end && !underWay.contains(transaction)
  }
}
