/// How long the last calls of one channel took, from the last byte out to the answer.
///
/// Only the server knows when a call arrived. The client knows that a call *had* arrived when its
/// answer came, and that the next one arrives after it leaves. The answer's way back and the next
/// call's way out together rarely take less than half of the fastest round trip. So that much may
/// be taken off the second that the server counts.
///
/// "Rarely" is not enough where most of a round trip is jitter: two short ways may meet that never
/// met in one call. So the base is not the fastest round trip seen but an estimate of what no round
/// trip is likely to fall below. The twelfth fastest is above the fastest by about as much as the
/// fastest is above that estimate.
package struct RoundTrips: Hashable, Sendable {
  /// The latest round trips, oldest first.
  private var spans: [Span] = []
  private var safe: Span = 0

  /// With fewer samples it is not known what is fast.
  package static let enough = 16
  private static let kept = 64
  /// The index of the twelfth fastest.
  private static let compared = 11

  package init() {}

  package mutating func note(_ span: Span) {
    if spans.count == Self.kept { spans.removeFirst() }
    spans.append(span)
    if spans.count < Self.enough { return }
    let fastFirst = spans.sorted()
    safe = max(0, 2 * fastFirst[0] - fastFirst[Self.compared]) / 2
  }

  /// How much may be subtracted from the time between an answer and the next departure: a cautious
  /// estimate of the answer's way back plus the next call's way out.
  package var safeToSubtract: Span { safe }
}
