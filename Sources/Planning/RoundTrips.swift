/// How long the last calls of one API took, to tell how much of a call was delay: what came back as
/// fast as the fastest was not held up on its way there.
package struct RoundTrips: Hashable, Sendable {
  /// By how much requests may be held up differently without any of it being seen in the answers.
  package static let unseenDelay: Span = 5

  /// With fewer nobody knows what is fast, and more are not kept.
  package static let enough = 32
  /// The last ones, the oldest first.
  private var spans: [Span] = []

  package init() {}

  package mutating func note(_ span: Span) {
    if spans.count == Self.enough { spans.removeFirst() }
    spans.append(span)
  }

  /// How long after it left a call that took so long has arrived, as far as its answer can tell: never
  /// later than that, and as a rule no later than what any budget allows for. Where a path becomes
  /// shorter all at once, the first call may arrive sooner than is taken for granted here.
  package func arrival(of span: Span) -> Span {
    let known = min(span, Budget.jitterHeadroom)
    guard spans.count == Self.enough else { return known }
    let fastFirst = spans.sorted()
    let fastest = fastFirst[0]
    // Faster than all before: what these say of the way does not hold for it.
    guard span >= fastest else { return known }
    // Where the fast ones differ, the fastest may have been held up as well, about as much. Without
    // this, a simulated network that is often 12 ms late had six calls in a second.
    let doubt = fastFirst[Self.enough / 4] - fastest
    return min(known, Self.unseenDelay + doubt + span - fastest)
  }
}
