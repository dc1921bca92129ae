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

  /// Of the asks that waited for at most this long, and longer than the bound before.
  package struct Bucket: Hashable, Sendable {
    package let bound: Span
    package fileprivate(set) var asks = 0
    /// The waits of these asks together.
    package fileprivate(set) var took: Span = 0
  }

  private var parts: [Span: Bucket] = [:]

  package init() {}

  /// Adds asks that each waited for at most `bound`.
  package mutating func add(_ count: Int, upTo bound: Span, took sum: Span) {
    parts[bound, default: Bucket(bound: bound)].asks += count
    parts[bound, default: Bucket(bound: bound)].took += sum
  }

  /// Adds one ask.
  package mutating func add(wait: Span) {
    let took = max(0, min(wait, Self.longest))
    add(1, upTo: Self.bounds.first { took <= $0 } ?? .max, took: took)
  }

  package var count: Int { parts.values.reduce(0) { $0 + $1.asks } }

  /// The waits of all asks together.
  package var sum: Span { parts.values.reduce(0) { $0 + $1.took } }

  /// What is stored: each ask is in one of these.
  package var disjoint: [Bucket] { parts.values.sorted { $0.bound < $1.bound } }

  /// How many asks have waited for at most each bound.
  package var buckets: [(bound: Span, asks: Int)] {
    Self.bounds.map { bound in
      (bound, parts.values.reduce(0) { $1.bound <= bound ? $0 + $1.asks : $0 })
    }
  }
}
