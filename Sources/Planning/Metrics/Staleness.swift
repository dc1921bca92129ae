/// How long asks have waited until Feishu accepted a call for them.
package struct Staleness: Hashable, Sendable {
  /// The longest wait that each bucket counts. Longer ones are only in the count of all. Dashboards
  /// and stored totals depend on these, so they do not change.
  package static let bounds: [Span] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
  ]

  /// A longer wait is counted as this long: the clock that stamped the ask was wrong, and a sum of
  /// such numbers would overflow.
  package static let longest: Span = .days(100)

  private var asks: [Span: Int] = [:]
  /// The waits of all asks together.
  package private(set) var sum: Span = 0

  package init() {}

  /// Adds asks that each waited for at most `bound`.
  package mutating func add(_ count: Int, upTo bound: Span, took sum: Span) {
    asks[bound, default: 0] += count
    self.sum += sum
  }

  package var count: Int { asks.values.reduce(0, +) }

  /// How many asks have waited for at most each bound.
  package var buckets: [(bound: Span, asks: Int)] {
    Self.bounds.map { bound in
      (bound, asks.reduce(0) { $1.key <= bound ? $0 + $1.value : $0 })
    }
  }
}
