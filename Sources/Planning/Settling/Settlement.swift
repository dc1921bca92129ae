/// What an answer means for the lanes or the parcel in a call.
package struct Settlement: Hashable, Sendable {
  /// The earliest moment each lane may be in another call. Nil if the call never left: then each
  /// lane keeps the slot it had.
  package let slot: Moment?
  /// One for each lane, in the order of the lanes.
  package let fates: [Fate]

  package init(slot: Moment?, fates: [Fate]) {
    self.slot = slot
    self.fates = fates
  }

  /// Whether the answer shows that the channel works. A refusal can show that too, if it proves
  /// that an earlier attempt was accepted.
  package func isSuccess(_ verdict: Verdict) -> Bool {
    verdict == .delivered || fates == [.delivered]
  }
}

/// What happens to one lane, or to its parcel, once its call has an outcome.
package enum Fate: Hashable, Sendable {
  /// The call's audience was reached, or the parcel was accepted.
  case delivered
  /// It goes again, but not before `ready`. A parcel goes unchanged or changed. Without one, it is
  /// packed again.
  case again(ready: Moment, Trials, Parcel? = nil)
  /// It goes again only with lanes of the same group, to find out which one is refused.
  case suspect(group: Int, ready: Moment, Trials)
  /// It goes again alone, to no more than this many users, to find out who is refused.
  case narrower(peopleMax: Int)
  /// These users are refused. The others are not affected. `isCertain` means that something has
  /// succeeded since the lane began to fail, so the refusal also holds for other lanes.
  case peopleRefused(Audience, strikes: Int, isCertain: Bool)
  /// Something in its parcel is refused, so its asks go one by one.
  case apart
  /// What it carried will never be accepted, or it is unknown whether it was.
  case dead(mayHaveBeenApplied: Bool = false)
  /// The same, and the preview token is to blame: no refresh of this preview will be accepted.
  case tokenRefused
  /// The same, and nothing else that waits in the lane will be accepted either.
  case laneDead
}

extension Fate {
  /// Whether it counts toward the deaths a channel may have without a success in between.
  package var isDeath: Bool {
    switch self {
    case .dead, .tokenRefused, .laneDead: true
    case .delivered, .again, .suspect, .narrower, .peopleRefused, .apart: false
    }
  }
}

extension ClaimedCall {
  /// What `verdict` means for each lane. The terms supply the random numbers and what it takes to
  /// pack a parcel again.
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

/// What else is known about a channel when one of its answers is judged.
package struct Circumstances: Hashable, Sendable {
  /// Nothing else is due. With calls to spare, being quick matters more than saving calls.
  package var isIdle: Bool
  /// Nothing else is waiting or in flight.
  package var isAlone: Bool
  package var health: Health

  package init(isIdle: Bool, isAlone: Bool, health: Health) {
    self.isIdle = isIdle
    self.isAlone = isAlone
    self.health = health
  }

  /// Whether this lane is the only one left and the only one that has been refused.
  func isSole(_ lane: Int) -> Bool {
    isAlone && (health.refusals == 0 || health.refusedLane == lane)
  }
}
