/// How long the last calls of one API took, to tell how much of a call was delay: what came back as
/// fast as the fastest was not held up on its way there.
package struct RoundTrips: Hashable, Sendable {
  /// By how much requests may be held up differently without any of it being seen in the answers.
  package static let unseenDelay: Span = 5

  /// With fewer nobody knows what is fast.
  package static let enough = 32
  /// The last ones, the oldest first.
  private var spans: [Span] = []

  package init() {}

  package mutating func note(_ span: Span) {
    if spans.count == Self.enough { spans.removeFirst() }
    spans.append(span)
  }

  /// How long after it left a call that took so long has arrived, as far as its answer can tell: never
  /// later than that, and as a rule no later than what any budget allows for.
  package func arrival(of span: Span) -> Span {
    let known = min(span, Budget.jitterHeadroom)
    // Faster than all before: what these say of the way does not hold for it.
    guard isSteady, let fastest = spans.min(), span >= fastest else { return known }
    return min(known, Self.unseenDelay + span - fastest)
  }

  /// Many calls take about as long as the fastest. Where they do not, the fastest of a few may have
  /// been held up, too, and the next that is not would seem to have been sent too soon: a simulated
  /// network that is often 12 ms late and a host that is often 25 ms late had six calls in a second.
  private var isSteady: Bool {
    guard spans.count == Self.enough, let fastest = spans.min() else { return false }
    return spans.count { $0 <= fastest + Self.unseenDelay } * 4 > spans.count
  }
}
