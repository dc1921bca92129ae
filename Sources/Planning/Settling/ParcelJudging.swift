/// One answer to one parcel.
struct ParcelJudging {
  let parcel: Parcel
  /// What the lane remembers, this call included.
  let memory: Fields
  let lane: ClaimedLane
  let rules: any ParcelRules.Type
  let answer: Answer
  let soon: Moment
  let now: Moment
  let circumstances: Circumstances
  let terms: PackingTerms

  func fate(_ verdict: Verdict) -> Fate {
    let fate = meaning(of: verdict)
    // While nothing more dies, what would have died stays as it is.
    let isSpared = fate.isDeath && circumstances.health.deathsLeft == 0
    return isSpared ? spared(verdict) : fate
  }

  private func meaning(of verdict: Verdict) -> Fate {
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
    case .unreachable: .again(ready: lane.ready, lane.trials, kept(uncertain: false))
    case .limited: .again(ready: soon, lane.trials.limited, kept(uncertain: false))
    case .quotaSpent, .tokenRefused, .parked:
      .again(ready: soon, lane.trials, kept(uncertain: false))
    }
  }

  /// It goes again instead of dying. As it was where it may have been applied, or where nobody knows what
  /// the refusal means; otherwise a server may have used up its name and number.
  private func spared(_ verdict: Verdict) -> Fate {
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
      ready: soon, lane.trials.failing(evidence, at: now),
      isSame || parcel.isNameGiven ? next.map(marked) : nil)
  }

  /// A name that was given is known to the card from this attempt, if it is, and not because the parcel
  /// was applied.
  private func marked(_ parcel: Parcel) -> Parcel {
    var next = parcel
    if parcel.isNameGiven && !parcel.isUncertain { next.renamed = max(1, parcel.renamed) }
    return next
  }

  private var dead: Fate { .dead(mayHaveBeenApplied: parcel.isUncertain) }

  private func after(_ evidence: Evidence) -> (trials: Trials, isSpent: Bool) {
    Retrying.after(
      evidence, lane.trials, recoveredAt: circumstances.health.recoveredAt,
      isAlone: circumstances.isSole(lane.id), at: now)
  }

  private func refused(_ evidence: Evidence) -> Fate {
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
  private var gone: Fate {
    let next = after(.ofContent)
    guard next.isSpent else {
      let wait = Retrying.wait(after: .ofContent, next.trials, at: now, dice: terms.dice[0])
      return .again(ready: max(soon, now + wait), next.trials, kept(uncertain: false))
    }
    let isCertain =
      lane.trials.failedAt.map { circumstances.health.recoveredAt > $0 } ?? false
    return isCertain ? .laneDead : dead
  }

  private var outOfOrder: Fate {
    if parcel.isUncertain && rules.couldBeAccepted(parcel, memory: memory) {
      // It was sent before and may have been accepted then; that it is refused now shows that it
      // was. But where its number was found too low once, it may be too low still.
      return parcel.renumbered == 0 ? .delivered : dead
    }
    guard !parcel.isNumberGiven,
      let next = rules.renumbered(parcel, memory: memory, terms)
    else { return .dead(mayHaveBeenApplied: false) }
    return .again(ready: soon, lane.trials, next)
  }

  private var alreadyKnown: Fate {
    if parcel.isUncertain { return .delivered }
    if parcel.isNameGiven {
      // Who gives a name wants what bears it done once, and it is. But when the same parcel has
      // been refused under it before, that may be all the card remembers.
      return parcel.renumbered == 0 && parcel.renamed == 0 ? .delivered : dead
    }
    guard parcel.renamed == 0, let next = rules.renamed(parcel, terms) else { return dead }
    return .again(ready: soon, lane.trials, next)
  }

  /// A person who uses a card lets go of it within a minute or two. It costs no attempt.
  private var waitForOthers: Fate {
    guard parcel.waits + 1 < RetryPolicy.busyWaits, var same = kept(uncertain: false) else {
      return dead
    }
    same.waits += 1
    let wait = RetryPolicy.busy.wait(afterFailures: same.waits, dice: terms.dice[0])
    return .again(ready: max(soon, now + wait), lane.trials, same)
  }

  private var failed: Fate {
    let next = after(.ofNothing)
    let isUncertain = answer.mayHaveBeenCarriedOut
    if next.isSpent { return .dead(mayHaveBeenApplied: parcel.isUncertain || isUncertain) }
    let wait = Retrying.wait(after: .ofNothing, next.trials, at: now, dice: terms.dice[0])
    return .again(ready: max(soon, now + wait), next.trials, kept(uncertain: isUncertain))
  }

  private func kept(uncertain: Bool) -> Parcel? {
    guard rules.areRepeated else { return nil }
    var same = parcel
    same.isUncertain = parcel.isUncertain || uncertain
    return same
  }
}
