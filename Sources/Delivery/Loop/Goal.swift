import Larkspur
import Planning

/// When to wake, and when to end.
extension Worker {
  /// Nothing new is started: a person asked for the end, or the time is up.
  var isStopping: Bool {
    if world.stopRequests > 0 { return true }
    return limit.map { now() >= started + $0 } ?? false
  }

  var isOver: Bool {
    if hasUnsettledCalls { return false }
    return isStopping || isGoalReached(at: now())
  }

  /// Lanes that became due later than this are not for this run.
  var horizon: Moment { mode.goal == .once ? started : .max }

  private func isGoalReached(at now: Moment) -> Bool {
    if state.isTidying || state.hasStrays || !state.stale.isEmpty { return false }
    switch mode.goal {
    case .stay:
      // A run that has an end does not spend its time on probes that fail.
      guard mode.limit != nil, state.isFoldedUp else { return false }
      return state.lines.values.contains { isGivenUp($0, at: now) }
        && !state.lines.values.contains { isWorthWaiting(for: $0, at: now, atMost: .max) }
    case .once:
      guard state.foldedAsk >= newestAskAtStart else { return false }
      return !state.lines.values.contains {
        isWorthWaiting(for: $0, at: now, atMost: WorkMode.pauseWaitedOut)
      }
    case .untilEmpty:
      guard state.isFoldedUp, state.nextHeld == nil else { return false }
      return !state.lines.values.contains {
        isWorthWaiting(for: $0, at: now, atMost: WorkMode.pauseWorthWaiting)
      }
    }
  }

  /// Whether its lanes are left to another run: nothing of what it sends is accepted, or the month is
  /// spent.
  private func isGivenUp(_ line: Line, at now: Moment) -> Bool {
    guard let ready = line.nextReady, max(ready, line.record.pausedUntil) > now else {
      return false
    }
    return line.record.health.isHopeless || line.record.spentMonth == month(at: now)
  }

  /// Whether there is no access token to be had.
  private func isGivenUp(_ account: AccountState, at now: Moment) -> Bool {
    account.login.health.isHopeless && account.credential.usable(at: now) == nil
      && account.credential.notBefore > now
  }

  /// Whether a line has lanes for this run that will be allowed to go soon enough.
  private func isWorthWaiting(for line: Line, at now: Moment, atMost span: Span) -> Bool {
    guard let ready = line.nextReady, ready <= horizon,
      let account = state.accounts[line.gate.account], account.parked == nil
    else { return false }
    if account.missing.any != nil && lacksSecret(line.gate, at: now) { return false }
    if isGivenUp(line, at: now) || isGivenUp(account, at: now) { return false }
    // Only a person can replace it.
    if line.record.refusedMark != nil { return false }
    if state.result.unreachable != nil, mode.goal == .once { return false }
    // The budget's own pace is always kept up with; it is pauses that may be too long.
    if let pause = pauseEnd(of: line, at: now), pause - now > span { return false }
    // Without a next move it is an answer that is waited for.
    guard usesUserToken(line.gate) || account.credential.usable(at: now) == nil,
      let move = nextMove(of: line, at: now)
    else {
      return true
    }
    return move - now <= span
  }

  /// When a line goes on that stands still for a while; nil when it does not.
  private func pauseEnd(of line: Line, at now: Moment) -> Moment? {
    if line.record.pausedUntil > now { return line.record.pausedUntil }
    return line.gate.kind.hasQuota ? quotaEnd(of: line.gate.account, at: now) : nil
  }

  /// How long nothing can happen by itself. Bounded to a minute, in case a notice was missed.
  func waitSpan(at now: Moment) -> Int {
    var wake = now + .minutes(1)
    if let limit, !isStopping { wake = min(wake, started + limit) }
    if isStopping { return max(0, wake - now) }
    if !state.stale.isEmpty { return 0 }
    // There is more to fold or to forget; others who wait for the lock get their turn in between.
    if !state.isFoldedUp || state.isTidying { return 1 }
    wake = min(wake, state.nextHeld ?? wake, state.nextExpiry ?? wake)
    wake = min(wake, state.upkeep.next, state.strays.next)
    for look in state.secretLooks.values { wake = min(wake, look) }
    for line in state.lines.values {
      if let moment = nextMove(of: line, at: now) { wake = min(wake, moment) }
      if let look = line.nextTokenLook { wake = min(wake, look) }
    }
    return max(0, wake - now)
  }

  /// When something can be done for a line: a call, or the access token it needs first. Nil while
  /// only an answer can bring it further.
  private func nextMove(of line: Line, at now: Moment) -> Moment? {
    guard let ready = line.nextReady, ready <= horizon,
      let account = state.accounts[line.gate.account],
      let opens = opening(of: line, at: now)
    else { return nil }
    let due = max(ready, opens)
    if account.missing.any != nil, lacksSecret(line.gate, at: now) {
      return state.secretLooks[line.gate.account]
    }
    if usesUserToken(line.gate) { return due }
    if account.credential.usable(at: max(due, now)) != nil { return due }
    return account.credential.fetchMoment(at: now).map { max(due, $0) }
  }

  /// What a run leaves undone, for its last words.
  func noteWhatIsLeft() {
    let now = now()
    // Of several accounts the first one: each was told of when it was noticed.
    if let account = state.secretLooks.keys.min() {
      state.result.missingSecret = state.accounts[account]?.missing.any
    }
    let patience = mode.goal == .once ? WorkMode.pauseWaitedOut : WorkMode.pauseWorthWaiting
    for line in state.lines.values {
      guard let ready = line.nextReady, let account = state.accounts[line.gate.account] else {
        continue
      }
      if line.record.refusedMark != nil {
        state.result.refusedUserToken = (account.settings.name, line.record.pausedWhy ?? "")
      }
      if let parked = account.parked {
        state.result.parked.append((account.settings.name, parked.trouble, parked.why))
      } else if isGivenUp(line, at: now), let why = line.record.pausedWhy {
        state.result.leftBehind = why
      } else if let trouble = line.trouble ?? account.tokenFailure {
        state.result.leftBehind = trouble
      } else if mode.goal == .stay {
        // A run that only has so much time leaves what it has no time for.
        continue
      } else if ready <= horizon, let pause = pauseEnd(of: line, at: now), pause > now + patience {
        state.result.leftBehind = line.record.pausedWhy ?? "its quota of calls a month is used up"
      } else if isTimeUp, ready <= min(horizon, now) {
        state.result.leftBehind = "the time was up"
      }
    }
    if let unknown = state.unknownAccounts.first {
      state.result.unknownAccount = (try? store.accountName(unknown)) ?? "?"
    }
  }

  private var isTimeUp: Bool { world.stopRequests == 0 && isStopping }
}
