/// How long the last calls of one channel took, from the last byte out to the answer.
///
/// Only the server knows when a call arrived. A client knows that it *had* arrived when it was
/// answered, and that the next one arrives after it has left. The way back of the one and the way out
/// of the other together are rarely less than half of the fastest round trip, so that much may be
/// taken off the second that the server counts.
///
/// Rarely is not never where most of a round trip is jitter: two short ways may meet that did not meet
/// in one call. So it is half of what no round trip is likely to fall below: the twelfth fastest is above
/// the fastest by about as much as the fastest is above that.
package struct RoundTrips: Hashable, Sendable {
  /// The last ones, the oldest first.
  private var spans: [Span] = []
  private var safe: Span = 0

  /// With fewer nobody knows what is fast.
  package static let enough = 16
  private static let kept = 64
  /// The place of the twelfth fastest.
  private static let compared = 11

  package init() {}

  package mutating func note(_ span: Span) {
    if spans.count == Self.kept { spans.removeFirst() }
    spans.append(span)
    if spans.count < Self.enough { return }
    let fastFirst = spans.sorted()
    safe = max(0, 2 * fastFirst[0] - fastFirst[Self.compared]) / 2
  }

  /// By how much sooner than its answer suggests a call may be taken to have arrived, together with
  /// how much later than it leaves the next one will.
  package var safeToSubtract: Span { safe }
}
