/// At most `calls` within any `span`, as a sliding window: the moments of the last calls are all
/// there is to remember.
package struct Budget: Hashable, Sendable {
  package enum Answer: Hashable, Sendable {
    case open
    case notUntil(Moment)
  }

  /// One limit, for instance five calls in a second.
  package struct Limit: Hashable, Sendable {
    package let calls: Int
    package let span: Span

    package init(_ calls: Int, per span: Span) {
      self.calls = calls
      self.span = span
    }
  }

  /// The server counts arrivals, we count departures. A call is counted at the moment it was
  /// answered or this long after it left, whichever is sooner, so that one call held up on the way
  /// by no more than this, and the next one not at all, still do not meet in one window.
  package static let jitterHeadroom: Span = 30

  package let limits: [Limit]
  /// Moments at which calls count, oldest first; never more than the largest limit needs.
  private var moments: [Moment] = []
  /// Calls that have left and for which no moment is known yet. They count as happening now.
  private var underWay = 0

  package init(_ limits: [Limit]) { self.limits = limits }

  package func ask(at now: Moment) -> Answer {
    var earliest = now
    for limit in limits where moments.count + underWay >= limit.calls {
      // The call that has to leave the window before one more fits in. Those under way are the
      // newest; when they alone fill the window, no moment can be named before one is known.
      let index = moments.count + underWay - limit.calls
      guard index < moments.count else { return .notUntil(now + limit.span) }
      earliest = max(earliest, moments[index] + limit.span)
    }
    return earliest > now ? .notUntil(earliest) : .open
  }

  /// A call is about to leave.
  package mutating func begin() { underWay += 1 }

  /// A call that had begun is known to have been on the wire at `moment`.
  package mutating func count(at moment: Moment) {
    precondition(underWay > 0, "a call was counted that never began")
    underWay -= 1
    remember(moment)
  }

  /// A call that had begun provably never left.
  package mutating func giveBack() {
    precondition(underWay > 0, "a call was given back that never began")
    underWay -= 1
  }

  /// Calls of an earlier run, from the history.
  package mutating func remember(_ moment: Moment) {
    // Answers overtake each other; the window needs the moments in order.
    let place = moments.lastIndex { $0 <= moment }.map { $0 + 1 } ?? 0
    moments.insert(moment, at: place)
    let most = limits.map(\.calls).max() ?? 0
    if moments.count > most { moments.removeFirst(moments.count - most) }
  }
}
