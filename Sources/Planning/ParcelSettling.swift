/// A parcel whose call has an outcome.
package struct SentParcel: Hashable, Sendable {
  /// The lane.
  package let lane: Int
  package let kind: Kind
  package let parcel: Parcel
  /// What the lane remembers, this call included.
  package let memory: Fields
  package let trials: Trials
  /// When the lane had become due before the call.
  package let ready: Moment
  package let started: Moment
  /// How long after its start the call can still be carried out.
  package let timeout: Span

  package init(
    lane: Int, kind: Kind, parcel: Parcel, memory: Fields, trials: Trials, ready: Moment,
    started: Moment,
    timeout: Span
  ) {
    self.lane = lane
    self.kind = kind
    self.parcel = parcel
    self.memory = memory
    self.trials = trials
    self.ready = ready
    self.started = started
    self.timeout = timeout
  }
}

/// What becomes of a parcel.
package enum ParcelFate: Hashable, Sendable {
  case delivered
  /// It goes again, no sooner than this: as it is, changed, or packed anew.
  case again(ready: Moment, Trials, Parcel?)
  /// Something in it is refused: its asks go one by one.
  case apart
  /// Its asks will never be accepted, or nobody can tell whether they were.
  case dead(mayHaveBeenApplied: Bool)
  /// Nor will anything else that waits in its lane.
  case laneDead
}

extension ParcelFate {
  /// Whether it takes something of what a channel may lose without a success in between.
  package var isDeath: Bool {
    switch self {
    case .dead, .laneDead: true
    case .delivered, .again, .apart: false
    }
  }
}

extension SentParcel {
  /// What `verdict` means for the parcel, and from when on its lane may be in another call.
  package func settle(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, _ circumstances: Circumstances,
    _ terms: PackingTerms
  ) -> (slot: Moment?, fate: ParcelFate) {
    let slot = kind.pace.slot(after: answer, started: started, timeout: timeout, at: now)
    let judging = Judging(
      sent: self, answer: answer, soon: max(slot ?? now, now), now: now,
      circumstances: circumstances, terms: terms)
    let fate = judging.fate(verdict)
    // While nothing more dies, what would have died stays as it is.
    let isSpared = fate.isDeath && circumstances.health.deathsLeft == 0
    return (slot, isSpared ? judging.spared(verdict) : fate)
  }
}

/// One answer to one parcel.
private struct Judging {
  let sent: SentParcel
  let answer: Answer
  let soon: Moment
  let now: Moment
  let circumstances: Circumstances
  let terms: PackingTerms

  private var parcel: Parcel { sent.parcel }

  func fate(_ verdict: Verdict) -> ParcelFate {
    switch verdict {
    case .delivered: .delivered
    case .refused(let isDocumented): refused(isDocumented ? .ofContent : .undocumented)
    // What an attempt before has done may be why it does not fit any more.
    case .unfit: parcel.isUncertain ? dead : refused(.ofContent)
    case .gone: gone
    case .outOfOrder: outOfOrder
    case .alreadyKnown: alreadyKnown
    case .busy: waitForOthers
    case .tryAgain, .foreign: failed
    case .unreachable: .again(ready: sent.ready, sent.trials, kept(uncertain: false))
    case .limited: .again(ready: soon, sent.trials.limited, kept(uncertain: false))
    case .quotaSpent, .tokenRefused, .parked:
      .again(ready: soon, sent.trials, kept(uncertain: false))
    }
  }

  /// It goes again instead of dying. As it was where it may have been applied, or where nobody knows what
  /// the refusal means; otherwise a server may have used up its name and number.
  func spared(_ verdict: Verdict) -> ParcelFate {
    let isUnsure = parcel.isUncertain || answer.mayHaveBeenCarriedOut
    let isSame = isUnsure || verdict == .refused(isDocumented: false)
    let evidence: Evidence =
      switch verdict {
      case .tryAgain, .foreign: .ofNothing
      case .refused(isDocumented: false): .undocumented
      default: .ofContent
      }
    let next = kept(uncertain: answer.mayHaveBeenCarriedOut)
    return .again(
      ready: soon, sent.trials.failing(evidence, at: now),
      isSame || parcel.isNameGiven ? next.map(marked) : nil)
  }

  /// A name that was given is known to the card from this attempt, if it is, and not because the parcel
  /// was applied.
  private func marked(_ parcel: Parcel) -> Parcel {
    var next = parcel
    if parcel.isNameGiven && !parcel.isUncertain { next.renamed = max(1, parcel.renamed) }
    return next
  }

  private var dead: ParcelFate { .dead(mayHaveBeenApplied: parcel.isUncertain) }

  private func after(_ evidence: Evidence) -> (trials: Trials, isSpent: Bool) {
    Retrying.after(
      evidence, sent.trials, recoveredAt: circumstances.health.recoveredAt,
      isAlone: circumstances.isSole(sent.lane), at: now)
  }

  private func refused(_ evidence: Evidence) -> ParcelFate {
    if parcel.asks.count > 1 { return .apart }
    // What may have been applied under this name is not sent under another; and what was given a name
    // or a number by its ask has no other.
    if evidence == .ofContent, parcel.isUncertain || parcel.isNameGiven || parcel.isNumberGiven {
      return dead
    }
    let next = after(evidence)
    if next.isSpent { return dead }
    let wait = Retrying.wait(after: evidence, next.trials, at: now, dice: terms.dice[0])
    // A server may have used up its name and number: it is packed again.
    let isSame = parcel.isUncertain || evidence == .undocumented
    let same = isSame ? kept(uncertain: false).map(marked) : nil
    return .again(ready: max(soon, now + wait), next.trials, same)
  }

  /// A card that has just been made is not found everywhere at once. Where another card has been found
  /// since the try before, it is certain that this one is gone, and nothing else that waits for it is
  /// sent either.
  private var gone: ParcelFate {
    let next = after(.ofContent)
    guard next.isSpent else {
      let wait = Retrying.wait(after: .ofContent, next.trials, at: now, dice: terms.dice[0])
      return .again(ready: max(soon, now + wait), next.trials, kept(uncertain: false))
    }
    let isCertain =
      sent.trials.failedAt.map { circumstances.health.recoveredAt > $0 } ?? false
    return isCertain ? .laneDead : dead
  }

  private var outOfOrder: ParcelFate {
    if parcel.isUncertain && CardParcels.couldBeAccepted(parcel, memory: sent.memory) {
      // It was sent before and may have been accepted then; that it is refused now shows that it
      // was. But where its number was found too low once, it may be too low still.
      return parcel.renumbered == 0 ? .delivered : dead
    }
    guard !parcel.isNumberGiven,
      let next = CardParcels.renumbered(parcel, memory: sent.memory, terms)
    else { return .dead(mayHaveBeenApplied: false) }
    return .again(ready: soon, sent.trials, next)
  }

  private var alreadyKnown: ParcelFate {
    if parcel.isUncertain { return .delivered }
    if parcel.isNameGiven {
      // Who gives a name wants what bears it done once, and it is. But when the same parcel has
      // been refused under it before, that may be all the card remembers.
      return parcel.renumbered == 0 && parcel.renamed == 0 ? .delivered : dead
    }
    if parcel.renamed > 0 { return dead }
    return .again(ready: soon, sent.trials, CardParcels.renamed(parcel, terms))
  }

  /// A person who uses a card lets go of it within a minute or two. It costs no attempt.
  private var waitForOthers: ParcelFate {
    guard parcel.waits + 1 < Self.waitsMax, var same = kept(uncertain: false) else { return dead }
    same.waits += 1
    let wait = Backoff.busy.wait(afterFailures: same.waits, dice: terms.dice[0])
    return .again(ready: max(soon, now + wait), sent.trials, same)
  }

  private static let waitsMax = 12

  private var failed: ParcelFate {
    let next = after(.ofNothing)
    let isUncertain = answer.mayHaveBeenCarriedOut
    if next.isSpent { return .dead(mayHaveBeenApplied: parcel.isUncertain || isUncertain) }
    let wait = Retrying.wait(after: .ofNothing, next.trials, at: now, dice: terms.dice[0])
    return .again(ready: max(soon, now + wait), next.trials, kept(uncertain: isUncertain))
  }

  private func kept(uncertain: Bool) -> Parcel? {
    guard sent.kind.repeatsParcels else { return nil }
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
