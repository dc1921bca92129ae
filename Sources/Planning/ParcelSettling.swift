/// A parcel whose call has an outcome.
package struct SentParcel: Hashable, Sendable {
  package let kind: Kind
  package let parcel: Parcel
  /// What the lane remembers, this call included.
  package let memory: Fields
  package let attempts: Int
  /// When the lane had become due before the call.
  package let ready: Moment
  package let started: Moment
  /// How long after its start the call can still be carried out.
  package let timeout: Span

  package init(
    kind: Kind, parcel: Parcel, memory: Fields, attempts: Int, ready: Moment, started: Moment,
    timeout: Span
  ) {
    self.kind = kind
    self.parcel = parcel
    self.memory = memory
    self.attempts = attempts
    self.ready = ready
    self.started = started
    self.timeout = timeout
  }
}

/// What becomes of a parcel.
package enum ParcelFate: Hashable, Sendable {
  case delivered
  /// It goes again, no sooner than this: as it is, changed, or packed anew.
  case again(ready: Moment, attempts: Int, Parcel?)
  /// Something in it is refused: its asks go one by one.
  case apart
  /// Its asks will never be accepted, or nobody can tell whether they were.
  case dead(mayHaveBeenApplied: Bool)
  /// Nor will anything else that waits in its lane.
  case laneDead
}

extension SentParcel {
  /// What `verdict` means for the parcel, and from when on its lane may be in another call.
  package func settle(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, isHostFailing: Bool, _ terms: PackingTerms
  ) -> (slot: Moment?, fate: ParcelFate) {
    let slot = kind.pace.slot(after: answer, started: started, timeout: timeout, at: now)
    let soon = max(slot ?? 0, now)
    return (slot, fate(answer, verdict, soon: soon, at: now, isHostFailing, terms))
  }

  private func fate(
    _ answer: Answer, _ verdict: Verdict, soon: Moment, at now: Moment, _ isHostFailing: Bool,
    _ terms: PackingTerms
  ) -> ParcelFate {
    switch verdict {
    case .delivered: return .delivered
    case .refused: return parcel.asks.count > 1 ? .apart : dead
    case .unfit:
      // What an attempt before has done may be why it does not fit any more.
      return parcel.asks.count > 1 && !parcel.isUncertain ? .apart : dead
    case .gone: return .laneDead
    case .outOfOrder:
      if parcel.isUncertain && CardParcels.couldBeAccepted(parcel, memory: memory) {
        // It was sent before and may have been accepted then; that it is refused now shows that it
        // was. But where its number was found too low once, it may be too low still.
        return parcel.renumbered == 0 ? .delivered : dead
      }
      guard !parcel.isNumberGiven,
        let next = CardParcels.renumbered(parcel, memory: memory, terms)
      else { return .dead(mayHaveBeenApplied: false) }
      return .again(ready: soon, attempts: attempts, next)
    case .alreadyKnown:
      if parcel.isUncertain { return .delivered }
      if parcel.isNameGiven {
        // Who gives a name wants what bears it done once, and it is. But when the same parcel has
        // been refused under it before, that may be all the card remembers.
        return parcel.renumbered == 0 && parcel.renamed == 0 ? .delivered : dead
      }
      if parcel.renamed > 0 { return dead }
      return .again(ready: soon, attempts: attempts, CardParcels.renamed(parcel, terms))
    case .busy: return waitForOthers(soon: soon, at: now, terms)
    case .tryAgain(let most):
      if isHostFailing && answer.blamesHost {
        let wait = Backoff.lane.wait(afterFailures: max(attempts, 1), dice: terms.dice[0])
        return .again(
          ready: max(soon, now + wait), attempts: attempts,
          kept(uncertain: answer.mayHaveBeenCarriedOut))
      }
      return again(
        most: most, soon: soon, at: now, uncertain: answer.mayHaveBeenCarriedOut, terms)
    case .unreachable: return .again(ready: ready, attempts: attempts, kept(uncertain: false))
    case .limited, .quotaSpent, .tokenRefused, .parked:
      return .again(ready: soon, attempts: attempts, kept(uncertain: false))
    }
  }

  private var dead: ParcelFate { .dead(mayHaveBeenApplied: parcel.isUncertain) }

  /// A person who uses a card lets go of it within a minute or two. It costs no attempt.
  private func waitForOthers(
    soon: Moment, at now: Moment, _ terms: PackingTerms
  ) -> ParcelFate {
    guard parcel.waits + 1 < Self.waitsMax, var same = kept(uncertain: false) else { return dead }
    same.waits += 1
    let wait = Backoff.busy.wait(afterFailures: same.waits, dice: terms.dice[0])
    return .again(ready: max(soon, now + wait), attempts: attempts, same)
  }

  private static let waitsMax = 12

  private func again(
    most: Int, soon: Moment, at now: Moment, uncertain: Bool,
    _ terms: PackingTerms
  ) -> ParcelFate {
    if attempts + 1 >= most {
      return .dead(mayHaveBeenApplied: parcel.isUncertain || uncertain)
    }
    let wait = Backoff.lane.wait(afterFailures: attempts + 1, dice: terms.dice[0])
    return .again(
      ready: max(soon, now + wait), attempts: attempts + 1, kept(uncertain: uncertain))
  }

  private func kept(uncertain: Bool) -> Parcel? {
    guard kind.repeatsParcels else { return nil }
    var same = parcel
    same.isUncertain = parcel.isUncertain || uncertain
    return same
  }
}

extension Answer {
  /// Whether what was asked may have been done although this is not its success.
  package var mayHaveBeenCarriedOut: Bool {
    switch self {
    case .neverLeft, .tooLate: false
    case .noAnswer: true
    case .reply(let reply): reply.code == nil || reply.status >= 500
    }
  }
}
