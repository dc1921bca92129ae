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

  /// The place in line of a preview that is one of many for the same ask and in this one of their
  /// calls, counted from 0. Zero for those in the first call: they wait like any other lane. The
  /// others wait in a line of their own, behind all others, in the order of their turns.
  package static func place(
    call: Int, from first: Moment, under limits: [Budget.Limit]
  ) -> Moment {
    if call == 0 { return .zero }
    return first + min(call * 2 * pace(under: limits), Pace.longestWait) + behindOthers
  }

  /// Added to the turns of such previews. No lane of another kind is due so late.
  package static let behindOthers: Span = 500_000_000_000_000

  /// The turn of a lane that is due from `ready` on and has this place in line.
  package static func turn(ready: Moment, place: Moment) -> Moment {
    let isOneOfMany = place >= .zero + behindOthers
    return isOneOfMany ? max(ready, place - behindOthers) + behindOthers : max(ready, place)
  }

  /// Which lane opens the next call: of the urgency that goes first, the one whose turn is first. But
  /// after a call that one of many has opened, it is the turn of the others: all keys together get
  /// every other call at most while anything else is due, however many calls get through.
  package static func opener(
    of lanes: [FirstInLine], _ order: [Urgency], afterMany: Set<Urgency>
  ) -> FirstInLine? {
    for urgency in order {
      let lanes = lanes.filter { $0.urgency == urgency }
      guard let other = lanes.first(where: { !$0.isOneOfMany }) else {
        if let lane = lanes.first { return lane }
        continue
      }
      guard let lane = lanes.first(where: \.isOneOfMany), !afterMany.contains(urgency),
        lane.turn < other.turn
      else { return other }
      return lane
    }
    return nil
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

/// The first lane in one of a channel's lines. Each urgency has two: one for previews that are one of
/// many for the same ask by key, and one for all other lanes.
package struct FirstInLine: Hashable, Sendable {
  package let lane: Int
  package let urgency: Urgency
  package let isOneOfMany: Bool
  package let turn: Moment

  package init(lane: Int, _ turn: LaneTurn) {
    self.lane = lane
    urgency = turn.urgency
    isOneOfMany = turn.isOneOfMany
    self.turn = turn.isOneOfMany ? turn.at - Turn.behindOthers : turn.at
  }
}

/// The place of a lane among those that are due.
package struct LaneTurn: Hashable, Sendable {
  package let urgency: Urgency
  /// When it became due. If it is one of many previews of the same key, its turn, behind all others.
  package let at: Moment

  package var isOneOfMany: Bool { at >= .zero + Turn.behindOthers }

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
