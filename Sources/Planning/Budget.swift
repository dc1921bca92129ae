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
    /// So many calls may come at once; the others are spread over the span, so that a burst does not
    /// leave the rest of it empty. None: nothing is spread.
    package let burst: Int?

    package init(_ calls: Int, per span: Span, burst: Int? = nil) {
      self.calls = calls
      self.span = span
      self.burst = burst.map { min($0, calls - 1) }
    }

    /// Microseconds from one call to the next once the burst is spent.
    fileprivate var gap_us: Int {
      guard let burst else { return 0 }
      return (span * 1_000 + calls - burst - 1) / (calls - burst)
    }
  }

  /// The server counts arrivals, we count departures. A call is counted at the moment it was
  /// answered or this long after it left, whichever is sooner, so that one call held up on the way
  /// by no more than this, and the next one not at all, still do not meet in one window. `RoundTrips`
  /// may know that it was held up by less.
  package static let jitterHeadroom: Span = 30

  package let limits: [Limit]
  /// Moments at which calls count, oldest first; never more than the largest limit needs.
  private var moments: [Moment] = []
  /// Calls that have left and for which no moment is known yet. They count as happening now.
  private var underWay = 0
  /// For each limit, when all of its burst will be there again, in microseconds.
  private var restored_us: [Int]

  package init(_ limits: [Limit]) {
    self.limits = limits
    restored_us = limits.map { _ in .min / 2 }
  }

  package func ask(at now: Moment) -> Answer {
    var earliest = now
    for limit in limits where moments.count + underWay >= limit.calls {
      // The call that has to leave the window before one more fits in. Those under way are the
      // newest; when they alone fill the window, no moment can be named before one is known.
      let index = moments.count + underWay - limit.calls
      guard index < moments.count else { return .notUntil(now + limit.span) }
      earliest = max(earliest, moments[index] + limit.span)
    }
    for (limit, restored_us) in zip(limits, restored_us) {
      guard let burst = limit.burst else { continue }
      let spent_us = max(restored_us, now * 1_000) + (underWay - burst + 1) * limit.gap_us
      earliest = max(earliest, (spent_us + 999) / 1_000)
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
    for (index, limit) in limits.enumerated() where limit.burst != nil {
      restored_us[index] = max(restored_us[index], moment * 1_000) + limit.gap_us
    }
  }
}
