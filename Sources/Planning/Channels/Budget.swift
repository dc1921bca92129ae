/// At most `calls` within any `span`, as the server counts: by arrival. A call counts from the moment
/// its answer came, when it is certain that it had arrived; while it is under way it fills a place.
package struct Budget: Hashable, Sendable {
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

  /// For moments that are cut to whole milliseconds, and a server's clock that runs a little fast.
  package static let margin: Span = 5
  /// After a refusal something is not as this client believes: another client spends the same budget,
  /// or the route has changed. For so long nothing is subtracted.
  package static let distrust: Span = .hours(1)

  package let limits: [Limit]
  /// Moments from which calls count, oldest first; never more than the largest limit needs. Some lie
  /// ahead: a call that nobody answered counts from when it can no longer arrive.
  private var moments: [Moment] = []
  private var underWay = 0
  private var roundTrips = RoundTrips()
  /// Before this moment nothing is subtracted.
  private var trustedFrom: Moment = .min
  /// For each limit, when all of its burst will be there again, in microseconds.
  private var restored_us: [Int]

  package init(_ limits: [Limit], refusedAt: Moment? = nil) {
    self.limits = limits
    restored_us = limits.map { _ in .min / 2 }
    if let refusedAt { refused(at: refusedAt) }
  }

  /// The earliest moment from `now` on at which a call may leave; nil while only an answer can tell.
  package func opens(at now: Moment) -> Moment? {
    var earliest = now
    for limit in limits where moments.count + underWay >= limit.calls {
      // The call that has to leave the window before one more fits in. Those under way are the newest.
      let index = moments.count + underWay - limit.calls
      guard index < moments.count else { return nil }
      earliest = max(earliest, early(moments[index] + limit.span + Self.margin))
    }
    for (limit, restored_us) in zip(limits, restored_us) {
      guard let burst = limit.burst else { continue }
      let spent_us = max(restored_us, now.ms * 1_000) - (burst - 1) * limit.gap_us
      earliest = max(earliest, Moment(ms: (spent_us + 999) / 1_000))
    }
    return earliest
  }

  /// What is safe to subtract is subtracted from the moment on from which it can be trusted.
  private func early(_ moment: Moment) -> Moment {
    min(moment, max(moment - roundTrips.safeToSubtract, trustedFrom))
  }

  /// A call is going to leave at `moment`.
  package mutating func begin(at moment: Moment) {
    underWay += 1
    spend(at: moment)
  }

  /// A call that had begun was answered at `moment`, so long after its last byte had left.
  package mutating func answered(at moment: Moment, after roundTrip: Span) {
    end(at: moment)
    roundTrips.note(roundTrip)
  }

  /// A call that had begun will never be answered, and cannot arrive after `moment`.
  package mutating func lost(at moment: Moment) {
    end(at: moment)
    distrust(whileCounting: moment)
  }

  private mutating func end(at moment: Moment) {
    precondition(underWay > 0, "a call was counted that never began")
    underWay -= 1
    count(moment)
  }

  /// A call that had begun provably never left.
  package mutating func giveBack() {
    precondition(underWay > 0, "a call was given back that never began")
    underWay -= 1
    for (index, limit) in limits.enumerated() { restored_us[index] -= limit.gap_us }
  }

  /// The server refused a call for being one too many.
  package mutating func refused(at moment: Moment) {
    trustedFrom = max(trustedFrom, moment + Self.distrust)
  }

  /// A call of an earlier run, from the history.
  package mutating func remember(_ call: PastCall) {
    count(call.moment)
    spend(at: call.moment)
    if !call.wasAnswered { distrust(whileCounting: call.moment) }
  }

  /// A call without an answer may arrive at the very moment from which it counts: for it there is no
  /// way back that could be subtracted.
  private mutating func distrust(whileCounting moment: Moment) {
    let longest = limits.map(\.span).max() ?? 0
    trustedFrom = max(trustedFrom, moment + longest + Self.margin)
  }

  private mutating func count(_ moment: Moment) {
    // Answers overtake each other; the window needs the moments in order.
    let place = moments.lastIndex { $0 <= moment }.map { $0 + 1 } ?? 0
    moments.insert(moment, at: place)
    let most = limits.map(\.calls).max() ?? 0
    if moments.count > most { moments.removeFirst(moments.count - most) }
  }

  private mutating func spend(at moment: Moment) {
    for (index, limit) in limits.enumerated() where limit.burst != nil {
      restored_us[index] = max(restored_us[index], moment.ms * 1_000) + limit.gap_us
    }
  }
}

/// A call of an earlier run, and from when on it counts.
package struct PastCall: Hashable, Sendable {
  package let moment: Moment
  package let wasAnswered: Bool

  package init(_ moment: Moment, wasAnswered: Bool = true) {
    self.moment = moment
    self.wasAnswered = wasAnswered
  }
}
