/// Judges the answer to one parcel.
struct ParcelJudging {
  let parcel: Parcel
  /// What the lane remembers, including this call.
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
    // While nothing more may die, a parcel that would have died is kept.
    let isSpared = fate.isDeath && circumstances.health.deathsLeft == 0
    return isSpared ? spared(verdict) : fate
  }

  private func meaning(of verdict: Verdict) -> Fate {
    switch verdict {
    case .delivered: .delivered
    case .refused(let isDocumented): refused(isDocumented ? .ofContent : .undocumented)
    // It may not fit because an earlier attempt was applied.
    case .unfit: parcel.isUncertain ? dead : refused(.ofContent)
    case .gone: gone
    case .outOfOrder: outOfOrder
    case .alreadyKnown: alreadyKnown
    case .busy: waitForOthers
    case .tryAgain, .foreign: failed
    case .unreachable: .again(ready: lane.ready, lane.trials, kept(uncertain: false))
    case .limited: .again(ready: soon, lane.trials.limited, kept(uncertain: false))
    case .quotaSpent, .tokenRefused, .ticketRefused, .parked:
      .again(ready: soon, lane.trials, kept(uncertain: false))
    }
  }

  /// Sends the parcel again instead of letting it die. It stays unchanged if it may have been
  /// applied, or if the meaning of the refusal is unknown. Otherwise the server may have used up
  /// its name and number, so it is packed again.
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

  /// If the card knows a given name later, it may be from this attempt, although the parcel was not
  /// applied.
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
    // A parcel that may have been applied under one name is not sent under another, and a name or
    // number given by the ask cannot be replaced.
    if evidence == .ofContent, parcel.isUncertain || parcel.isNameGiven || parcel.isNumberGiven {
      return dead
    }
    let next = after(evidence)
    if next.isSpent { return dead }
    let wait = Retrying.wait(after: evidence, next.trials, at: now, dice: terms.dice[0])
    // The server may have used up its name and number, so it is packed again.
    let isSame = parcel.isUncertain || evidence == .undocumented
    let same = isSame ? kept(uncertain: false).map(marked) : nil
    return .again(ready: max(soon, now + wait), next.trials, same)
  }

  /// A new card is not found everywhere at once. If another card has been found since the last try,
  /// this one is certainly gone, and its waiting asks are not sent either.
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
      // It was sent before and may have been accepted then. The refusal now shows that it was. But
      // if its number was too low once, it may still be too low.
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
      // An ask that gives a name wants that update applied once, and it has been. But if the same
      // parcel was refused under this name before, the card may only remember that.
      return parcel.renumbered == 0 && parcel.renamed == 0 ? .delivered : dead
    }
    guard parcel.renamed == 0, let next = rules.renamed(parcel, terms) else { return dead }
    return .again(ready: soon, lane.trials, next)
  }

  /// A person who uses a card finishes within a minute or two. The wait costs no attempt.
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
