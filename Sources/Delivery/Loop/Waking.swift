import Larkspur
import Planning

/// When to wake up, and when to end.
extension Worker {
  /// Whether no new calls are started: a person has asked the worker to stop, or its time is up.
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

  func terms(at now: Moment) -> AccountState.Terms {
    .init(month: state.month, lead: lead(at: now), horizon: horizon)
  }

  /// Sets the timers of accounts that have changed, and of those whose timer has run out: the lead
  /// may have become shorter since.
  func refreshTimers(at now: Moment) {
    let changed = accounts.takeTouched().union(timers.due(at: now))
    if changed.isEmpty { return }
    let terms = terms(at: now)
    for id in changed {
      let account = accounts.find(id)
      timers.set(id, account?.nextLook(terms, at: now))
      noteStuck(id, account)
      if account?.hasWaitingLanes == true { waiting.insert(id) } else { waiting.remove(id) }
    }
  }

  private func isGoalReached(at now: Moment) -> Bool {
    if state.isTidying || state.hasStrays || !state.stale.isEmpty { return false }
    switch mode.goal {
    case .stay:
      // A run that has an end does not spend its time on probes that fail.
      guard mode.limit != nil, state.isFoldedUp else { return false }
      return anyWaits { isGivenUp($1, at: now) }
        && !anyWaits { isWorthWaiting(for: $1, of: $0, at: now, atMost: .max) }
    case .once:
      guard state.foldedAsk >= newestAskAtStart else { return false }
      return !anyWaits {
        isWorthWaiting(for: $1, of: $0, at: now, atMost: RetryPolicy.pauseWaitedOut)
      }
    case .untilEmpty:
      guard state.isFoldedUp, state.nextHeld == nil else { return false }
      return !anyWaits {
        isWorthWaiting(for: $1, of: $0, at: now, atMost: RetryPolicy.pauseWorthWaiting)
      }
    }
  }

  private func anyWaits(_ condition: (AccountState, ChannelState) -> Bool) -> Bool {
    waiting.contains { id in
      let account = accounts[id]
      return account.isConfigured && account.channels.values.contains { condition(account, $0) }
    }
  }

  /// Whether the channel's lanes are left to another run: its calls keep failing, or the month's
  /// quota is used up.
  private func isGivenUp(_ channel: ChannelState, at now: Moment) -> Bool {
    guard let ready = channel.nextReady, max(ready, channel.record.pausedUntil) > now else {
      return false
    }
    return channel.record.health.isHopeless || channel.record.spentMonth == state.month.number
  }

  /// Whether the account has no access token and requests for one keep failing.
  private func isGivenUp(_ account: AccountState, at now: Moment) -> Bool {
    account.login.health.isHopeless && account.credential.usable(at: now) == nil
      && account.credential.notBefore > now
  }

  /// Whether a channel has lanes for this run that will be allowed to go soon enough.
  private func isWorthWaiting(
    for channel: ChannelState, of account: AccountState, at now: Moment, atMost span: Span
  ) -> Bool {
    guard let ready = channel.nextReady else { return false }
    let kind = channel.channel.kind
    // Its lanes end in the next turn.
    if account.settings.issuing.problem(with: kind) != nil { return true }
    if ready > horizon || account.parked != nil { return false }
    if account.missing.any != nil && account.missingSecret(for: kind, at: now) != nil {
      return false
    }
    if isGivenUp(channel, at: now) || isGivenUp(account, at: now) { return false }
    if let app = account.app.map({ accounts[$0] }), account.isInLine {
      if app.parked != nil || isGivenUp(app, at: now) { return false }
      // A run does not wait for a ticket, but the next one has it only if this one asks for it.
      if app.missing.any != nil, !app.tenants.mayAskForTicket(at: now) { return false }
    }
    // Nothing helps until somebody replaces the refused user token.
    if channel.record.refusedMark != nil { return false }
    if state.result.unreachable != nil, mode.goal == .once { return false }
    // Waiting for the budget is always worthwhile; a pause may be too long.
    if let pause = pauseEnd(of: channel, account, at: now), pause - now > span { return false }
    // Without a next move, it waits for an answer.
    guard account.usesUserToken(kind) || account.credential.usable(at: now) == nil,
      let move = account.nextMove(of: channel, terms(at: now), at: now)
    else { return true }
    return move - now <= span
  }

  /// When the channel's pause ends; nil if it is not paused.
  private func pauseEnd(
    of channel: ChannelState, _ account: AccountState, at now: Moment
  ) -> Moment? {
    if channel.record.pausedUntil > now { return channel.record.pausedUntil }
    guard channel.channel.kind.rules.hasQuota else { return nil }
    if let end = account.quotaEnd(state.month, at: now) { return end }
    // Urgent lanes may go.
    return channel.next.urgent == nil ? account.reservedUntil(state.month, at: now) : nil
  }

  /// How long the worker can sleep until something is due.
  func waitSpan(at now: Moment) -> Span {
    max(0, nextLook(at: now, atMost: now + Self.longestNap) - now)
  }

  /// In case a notice was missed.
  static let longestNap: Span = .minutes(1)

  /// When something is due next.
  func nextLook(at now: Moment, atMost latest: Moment) -> Moment {
    if isStopping { return latest }
    var wake = latest
    if let limit { wake = min(wake, started + limit) }
    if !state.stale.isEmpty { return now }
    // There is more to fold or to clean up. In between, others get a turn at the lock.
    if !state.isFoldedUp || state.isTidying { return now + 1 }
    wake = min(wake, state.nextHeld ?? wake, state.nextExpiry ?? wake)
    wake = min(wake, state.upkeep.next, state.strays.next, state.counting.next ?? wake)
    wake = min(wake, state.sightings.next)
    refreshTimers(at: now)
    return min(wake, timers.first ?? wake)
  }

  /// Records what the run leaves undone, for its final message.
  func noteWhatIsLeft() {
    let now = now()
    // Only that of the first account: each one was reported when it was noticed.
    state.result.missingSecret =
      accounts.all.filter { $0.missing.any != nil }
      .min { $0.id < $1.id }?.missing.any
    for id in waiting.sorted() {
      for channel in accounts[id].channels.values { noteWhatIsLeft(of: channel, accounts[id], now) }
    }
    if let unknown = state.unknownAccounts.first {
      state.result.unknownAccount = (try? store.accountName(unknown)) ?? "?"
    }
  }

  private func noteWhatIsLeft(of channel: ChannelState, _ account: AccountState, _ now: Moment) {
    guard let ready = channel.nextReady else { return }
    let name = account.settings.name
    guard account.isConfigured else {
      state.result.unknownAccount = name
      return
    }
    let patience = mode.goal == .once ? RetryPolicy.pauseWaitedOut : RetryPolicy.pauseWorthWaiting
    if channel.record.refusedMark != nil {
      state.result.refusedUserToken = (name, channel.record.pausedWhy ?? "")
    }
    let app = account.app.map { accounts[$0] }
    if let parked = account.parked {
      state.result.parked.append((name, parked.trouble, account.settings.isTenant, parked.why))
    } else if account.isInLine, let app, let parked = app.parked {
      state.result.parked.append((app.settings.name, parked.trouble, false, parked.why))
    } else if isGivenUp(channel, at: now), let why = channel.record.pausedWhy {
      state.result.leftBehind = why
    } else if let trouble = channel.trouble ?? account.tokenFailure {
      state.result.leftBehind = trouble
    } else if mode.goal == .stay {
      // A run with a time limit leaves what it had no time for. That is not a failure.
      return
    } else if ready <= horizon, let pause = pauseEnd(of: channel, account, at: now),
      pause > now + patience
    {
      let isReserved = account.reservedUntil(state.month, at: now) != nil
      state.result.leftBehind =
        isReserved
        ? "the rest of its monthly calls is kept for urgent asks"
        : channel.record.pausedWhy ?? "its monthly call quota is used up"
    } else if isTimeUp, ready <= min(horizon, now) {
      state.result.leftBehind = "time is up"
    }
  }

  private var isTimeUp: Bool { world.stopRequests == 0 && isStopping }
}
