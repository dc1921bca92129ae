/// At most `calls` within any `span`, as the server counts: by arrival. A call counts from the
/// moment it was answered, because it had certainly arrived by then. While it is in flight it
/// occupies a place.
package struct Budget: Hashable, Sendable {
  /// One limit, for example five calls in a second.
  package struct Limit: Hashable, Sendable {
    package let calls: Int
    package let span: Span
    /// How many calls may go at once. The others are spread over the span, so that a burst does not
    /// leave the rest of it empty. Nil: nothing is spread.
    package let burst: Int?

    package init(_ calls: Int, per span: Span, burst: Int? = nil) {
      self.calls = calls
      self.span = span
      self.burst = burst.map { min($0, calls - 1) }
    }

    /// Microseconds between calls once the burst is used up.
    fileprivate var gap_us: Int {
      guard let burst else { return 0 }
      return (span * 1_000 + calls - burst - 1) / (calls - burst)
    }
  }

  /// Allows for times cut to whole milliseconds, and for a server clock that runs slightly fast.
  package static let margin: Span = 5
  /// A refusal shows that an assumption is wrong: another client uses the same budget, or the route
  /// has changed. For this long, nothing is subtracted for the round trip.
  package static let distrust: Span = .hours(1)

  package let limits: [Limit]
  /// When calls count from, oldest first; never more than the largest limit needs. Some lie ahead:
  /// an unanswered call counts from the moment at which it can no longer arrive.
  private var moments: [Moment] = []
  private var underWay = 0
  private var roundTrips = RoundTrips()
  /// Nothing is subtracted for the round trip before this moment.
  private var trustedFrom: Moment = .min
  /// When the newest call leaves or left. Calls may be claimed ahead, and an answer may show that the
  /// budget opens earlier than was known: a later call must not overtake them, because their order
  /// is that of their turns.
  private var newest: Moment = .min
  /// For each limit, when its whole burst is available again, in microseconds.
  private var restored_us: [Int]

  package init(_ limits: [Limit], refusedAt: Moment? = nil) {
    self.limits = limits
    restored_us = limits.map { _ in .min / 2 }
    if let refusedAt { refused(at: refusedAt) }
  }

  /// The earliest moment from `now` on at which a call may leave. Nil if that depends on an answer.
  package func opens(at now: Moment) -> Moment? {
    var earliest = max(now, newest)
    for limit in limits where moments.count + underWay >= limit.calls {
      // The call that must leave the window before another one fits in. Calls in flight are the
      // newest.
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

  /// Subtracts what is safe to subtract. Never goes back past `trustedFrom`.
  private func early(_ moment: Moment) -> Moment {
    min(moment, max(moment - roundTrips.safeToSubtract, trustedFrom))
  }

  /// A call is about to leave at `moment`.
  package mutating func begin(at moment: Moment) {
    underWay += 1
    newest = max(newest, moment)
    spend(at: moment)
  }

  /// A call that had begun was answered at `moment`, `roundTrip` after its last byte left.
  package mutating func answered(at moment: Moment, after roundTrip: Span) {
    end(at: moment)
    roundTrips.note(roundTrip)
  }

  /// A call of the same run, from the history, had this round trip.
  package mutating func learn(roundTrip: Span) { roundTrips.note(roundTrip) }

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

  /// The server refused a call because there were too many.
  package mutating func refused(at moment: Moment) {
    trustedFrom = max(trustedFrom, moment + Self.distrust)
  }

  /// A call of an earlier run, from the history.
  package mutating func remember(_ call: PastCall) {
    count(call.moment)
    spend(at: call.left)
    if !call.wasAnswered { distrust(whileCounting: call.moment) }
  }

  /// An unanswered call may arrive at the very moment from which it counts. There was no way back,
  /// so no time can be subtracted for it.
  private mutating func distrust(whileCounting moment: Moment) {
    let longest = limits.map(\.span).max() ?? 0
    trustedFrom = max(trustedFrom, moment + longest + Self.margin)
  }

  private mutating func count(_ moment: Moment) {
    // Answers can arrive out of order, but the window needs the moments sorted.
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

/// A call of an earlier run: when it left, and the moment from which it counts.
package struct PastCall: Hashable, Sendable {
  package let moment: Moment
  package let left: Moment
  package let wasAnswered: Bool

  package init(_ moment: Moment, left: Moment? = nil, wasAnswered: Bool = true) {
    self.moment = moment
    self.left = left ?? moment
    self.wasAnswered = wasAnswered
  }
}
