/// Which of a channel's due lanes goes next.
package enum Turn {
  /// Whether the search for a refused token or open_id goes before the other lane that has been due
  /// longest, since `first`. A suspected lane counts as due since it was asked for, because since
  /// then it has only waited for slots. Behind a long queue it would be unknown for hours whom to
  /// leave out of the calls that follow.
  package static func isSuspects(askedSince since: Moment, first: Moment) -> Bool {
    first >= since
  }

  /// Who may open the next call: the first of these that has a lane that is due. Urgent lanes go
  /// first, but once they have opened this many calls in a row, it is the others' turn.
  package static func order(urgentInARow: Int, under limits: [Budget.Limit]) -> [Urgency] {
    urgentInARow < urgentCallsInARow(under: limits) ? [.urgent, .ordinary] : [.ordinary, .urgent]
  }

  /// Four of five calls. Where fewer than five go in a second, the others would wait for long, so
  /// every other call is theirs.
  package static func urgentCallsInARow(under limits: [Budget.Limit]) -> Int {
    pace(under: limits) <= .seconds(1) / 5 ? 4 : 1
  }

  /// When the turn of a preview comes that is one of many for the same ask and in this one of their
  /// calls, if the first one's turn is `first`. All of them together get half of the budget, so that
  /// those who ask later for something else need not wait for all of them.
  package static func spread(
    call: Int, from first: Moment, under limits: [Budget.Limit]
  ) -> Moment {
    first + min(call * 2 * pace(under: limits), Pace.longestWait)
  }

  /// The time between two calls if they use the whole budget.
  private static func pace(under limits: [Budget.Limit]) -> Span {
    limits.map { ($0.span + $0.calls - 1) / $0.calls }.max() ?? 0
  }
}

/// Counts the calls that the previews of an ask take, one after the other, if each call is for one
/// audience.
package struct CallsOfMany {
  private var calls = 0
  private var open: [Audience: (call: Int, places: Int)] = [:]

  package init() {}

  /// The number of the call that the next preview is in, from 0 on.
  package mutating func call(for wants: Audience) -> Int {
    if let (call, places) = open[wants], places > 0 {
      open[wants] = (call, places - 1)
      return call
    }
    let call = calls
    calls += wants.callsNeeded
    open[wants] = (call, Preview.tokensPerCall - 1)
    return call
  }
}

/// Whether a lane goes before others.
package enum Urgency: Int, CaseIterable, Hashable, Sendable {
  case ordinary, urgent

  package var other: Urgency { self == .urgent ? .ordinary : .urgent }
}

/// The place of a lane among those that are due.
package struct LaneTurn: Hashable, Sendable {
  package let urgency: Urgency
  /// When it became due, or later if it is one of many previews of the same key.
  package let at: Moment

  package init(_ urgency: Urgency, at moment: Moment) {
    self.urgency = urgency
    at = moment
  }
}

/// When the first lane of a channel becomes or became due.
package struct NextReady: Hashable, Sendable {
  package var ordinary: Moment?
  package var urgent: Moment?

  package init(ordinary: Moment? = nil, urgent: Moment? = nil) {
    self.ordinary = ordinary
    self.urgent = urgent
  }

  package var any: Moment? { [ordinary, urgent].compactMap { $0 }.min() }

  package subscript(urgency: Urgency) -> Moment? { urgency == .urgent ? urgent : ordinary }
}

extension Audience {
  /// The users of this audience who were refused before, and the reason for the first one. Nil if
  /// there are none.
  package func refused(_ known: [String: String]) -> (people: Audience, reason: String)? {
    guard case .people(let people) = self else { return nil }
    let refused = people.filter { known[$0] != nil }
    guard let first = refused.first, let reason = known[first] else { return nil }
    return (.people(refused), reason)
  }
}
