/// What an answer means for what a call carried.
package struct Settlement: Hashable, Sendable {
  /// The earliest moment each lane may be in another call; nil when the call never left and the slot each
  /// lane had before still stands.
  package let slot: Moment?
  /// One for each lane, in their order.
  package let fates: [Fate]

  package init(slot: Moment?, fates: [Fate]) {
    self.slot = slot
    self.fates = fates
  }

  /// Whether it shows that the channel works: also where a refusal proves that an earlier attempt was
  /// accepted.
  package func isSuccess(_ verdict: Verdict) -> Bool {
    verdict == .delivered || fates == [.delivered]
  }
}

/// What becomes of one lane, or of its parcel, once its call has an outcome.
package enum Fate: Hashable, Sendable {
  /// The call's audience has been reached, or the parcel accepted.
  case delivered
  /// It goes again, no sooner than this. A parcel goes as it is, changed, or packed again where there is none.
  case again(ready: Moment, Trials, Parcel? = nil)
  /// It goes again only with the lanes of the same group, to find out which one is refused.
  case suspect(group: Int, ready: Moment, Trials)
  /// It goes again alone and to no more than this many users, to find out who is refused.
  case narrower(peopleMax: Int)
  /// These users are refused; the others are not affected. Certain: something has succeeded since the lane
  /// began to fail, so that it holds for other lanes as well.
  case peopleRefused(Audience, strikes: Int, isCertain: Bool)
  /// Something in its parcel is refused: the asks go one by one.
  case apart
  /// What it carried will never be accepted, or nobody can tell whether it was.
  case dead(mayHaveBeenApplied: Bool = false)
  /// Nor will anything else that waits in it.
  case laneDead
}

extension Fate {
  /// Whether it takes something of what a channel may lose without a success in between.
  package var isDeath: Bool {
    switch self {
    case .dead, .laneDead: true
    case .delivered, .again, .suspect, .narrower, .peopleRefused, .apart: false
    }
  }
}

extension ClaimedCall {
  /// What `verdict` means for each lane. The terms bring the dice, and what packing a parcel again takes.
  package func settle(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, _ circumstances: Circumstances,
    _ terms: PackingTerms
  ) -> Settlement {
    let slot = channel.kind.rules.pace.slot(
      after: answer, started: started, timeout: timeout, at: now)
    switch load {
    case .audience(let audience):
      let judging = LaneJudging(
        audience: audience, lanes: lanes, answer: answer, soon: slot ?? now, now: now,
        circumstances: circumstances, dice: terms.dice[0])
      return Settlement(slot: slot, fates: judging.fates(verdict))
    case .parcel(let parcel, let memory):
      let judging = ParcelJudging(
        parcel: parcel, memory: memory, lane: lanes[0], rules: channel.kind.parcels, answer: answer,
        soon: max(slot ?? now, now), now: now, circumstances: circumstances, terms: terms)
      return Settlement(slot: slot, fates: [judging.fate(verdict)])
    }
  }
}

/// What else is known of a channel when an answer of it is judged.
package struct Circumstances: Hashable, Sendable {
  /// Nothing else is due: with calls to spare, quick is better than few.
  package var isIdle: Bool
  /// Nothing else waits at all, and nothing is in flight.
  package var isAlone: Bool
  package var health: Health

  package init(isIdle: Bool, isAlone: Bool, health: Health) {
    self.isIdle = isIdle
    self.isAlone = isAlone
    self.health = health
  }

  /// Whether this lane is all that is left, and all that has been refused.
  func isSole(_ lane: Int) -> Bool {
    isAlone && (health.refusals == 0 || health.refusedLane == lane)
  }
}
