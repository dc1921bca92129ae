import Larkspur
import Planning

/// Takes in what has been asked, what has expired, and what a person has changed.
extension Worker {
  /// Reloads what a person has changed. True if other programs have written since the last turn.
  func notice(at now: Moment) throws(StoreError) -> Bool {
    turnMonths(at: now)
    let version = try store.dataVersion()
    let isNews = version != state.seenVersion
    state.seenVersion = version
    if isNews {
      // A repair may reset the number of the last folded ask. This turn folds again in any case.
      _ = try store.repairNumbers()
      let control = try store.control()
      if control != state.seenControl { try reloadWhatAPersonMayChange(at: now) }
      state.seenControl = control
    }
    return isNews
  }

  /// Folds new asks and ends expired ones.
  func hear(isNews: Bool, at now: Moment, hasSettled: Bool) throws(StoreError) {
    if isNews || !state.isFoldedUp || state.nextHeld.map({ $0 <= now }) ?? false {
      try fold(at: now)
    }
    // A lane that was just settled may hold an ask that expired while the lane was in flight.
    if hasSettled { state.nextExpiry = try store.nextExpiry() }
    if isExpiring(at: now) {
      state.result.progress.lanesLeft -= try store.expire(at: now, limit: Self.asksPerTurn)
      state.nextExpiry = try store.nextExpiry()
      for id in waiting { markStale(id) }
      state.counting.noteActivity(at: now)
    }
  }

  /// While expired asks remain, nothing is sent, because a call might carry some of them.
  func isExpiring(at now: Moment) -> Bool { state.nextExpiry.map { $0 <= now } ?? false }

  /// Some milliseconds of work, so that a flood of asks delays neither what is due nor other
  /// writers.
  private static let asksPerTurn = 200

  private func fold(at now: Moment) throws(StoreError) {
    state.hasStrays = false
    // Others may have ended asks, and some end before they join a lane.
    state.counting.noteActivity(at: now)
    let folded = try store.fold(at: now, limit: Self.asksPerTurn)
    state.isFoldedUp = !folded.more
    if state.isFoldedUp { try store.foldStraysInNoLane(at: now) }
    tell(folded.dead)
    state.foldedAsk = try store.foldedAsk()
    state.result.progress.lanesLeft += folded.lanes
    for channel in folded.channels { try openChannel(channel, at: now) }
    state.nextHeld = try store.nextHeldAsk()
    state.nextExpiry = try store.nextExpiry()
  }

  /// An ask by key ends with the last of its parts.
  func endKeyAsks(at now: Moment) throws(StoreError) {
    let ended = try store.endKeyAsks(at: now)
    state.hasKeysToEnd = ended.isMore
    if ended.isMore { state.nextExpiry = now }
    state.result.progress.lanesLeft -= ended.idle
    state.result.progress.lanesDone += ended.idle
    tell(ended.dead)
  }

  private func tell(_ dead: [DeadAsk]) {
    for ask in dead {
      state.result.asksDied += 1
      state.events.append(
        .died(account: ask.account, ask.aim ?? .preview, lane: ask.lane, reason: ask.reason, .none))
    }
  }

  /// Opens a channel that has lanes. The first time, its budget is restored from what earlier runs
  /// recorded. Kinds that share a monthly quota are opened together, because each has to know what
  /// the others have used.
  func openChannel(_ channel: Channel, at now: Moment) throws(StoreError) {
    var isOpen = accounts.find(channel.account) != nil
    if !isOpen { isOpen = try openTenant(channel.account, at: now) }
    guard isOpen else {
      if state.unknownAccounts.insert(channel.account).inserted {
        state.events.append(.unknownAccount(try store.accountName(channel.account)))
      }
      return
    }
    state.stale.insert(channel)
    let kinds =
      channel.kind.rules.hasQuota ? Kind.allCases.filter { $0.rules.hasQuota } : [channel.kind]
    for kind in kinds { try readChannel(Channel(account: channel.account, kind: kind), at: now) }
  }

  private func readChannel(_ channel: Channel, at now: Moment) throws(StoreError) {
    if accounts.find(channel) != nil { return }
    let limits = accounts[channel.account].settings.limits(of: channel.kind)
    var known = ChannelState(
      channel: channel, limits: limits,
      record: try store.budget(channel.account, channel.kind.api),
      recent: try recentCalls(of: channel, limits, at: now))
    known.urgentInARow = try store.urgentCallsInARow(channel)
    known.afterMany = try store.openedByMany(channel)
    known.lookForUserToken(at: now)
    let month = state.month
    known.turnMonth(to: month.number, ends: month.ends, at: now)
    accounts[channel.account].open(known)
    hold(channel, at: now)
  }

  /// Past calls that still count against these limits.
  func recentCalls(
    of channel: Channel, _ limits: [Budget.Limit], at now: Moment
  ) throws(StoreError) -> [PastCall] {
    try store.recentCalls(
      channel.account, channel.kind.api, within: limits.map(\.span).max() ?? 0,
      longestCall: longestCall, at: now)
  }

  /// Two statements read all accounts. Accounts that have not changed are not touched, so their timers stay.
  private func reloadWhatAPersonMayChange(at now: Moment) throws(StoreError) {
    dropForgottenAccounts(except: try store.accountNumbers())
    try store.deleteAudiencesOfForgottenAccounts()
    // What follows reads it.
    try saveBudgets(at: now)
    store.forgetWhatAPersonMayChange()
    state.areLanesCounted = false
    let month = state.month
    let parked = try store.parkedAccounts()
    let records = try store.budgets()
    for id in accounts.keys {
      markStale(id)
      if accounts[id].parked != parked[id] {
        if parked[id] == nil {
          accounts[id].credential.forget()
          state.events.append(.unparked(account: accounts[id].settings.name))
        }
        accounts[id].parked = parked[id]
      }
      let login = records[id]?[.auth] ?? ChannelRecord()
      if accounts[id].login != login {
        accounts[id].login = login
        // A person has ended the wait for a token.
        if login.pausedUntil <= now { accounts[id].credential.forgetWait() }
      }
      // A person may have fixed a secret, or ended the pause that waits for it.
      if accounts[id].secretLook != nil { accounts[id].secretLook = now }
      for kind in accounts[id].channels.keys {
        let record = records[id]?[kind.api] ?? ChannelRecord()
        accounts[id][kind].reload(record, month: month.number, ends: month.ends, at: now)
      }
    }
  }

  /// A person has had all forgotten that was stored about these accounts. None has a call under way. Another
  /// account may get its number later, so nothing may be left under it.
  private func dropForgottenAccounts(except known: Set<Int>) {
    state.unknownAccounts.formIntersection(known)
    for id in accounts.keys where !known.contains(id) {
      addAgain(accounts[id].settings.name)
      if let app = accounts[id].app, accounts.find(app) != nil {
        accounts[app].tenants.line.removeAll { $0 == id }
      }
      accounts.remove(id)
      waiting.remove(id)
      state.unsaved.remove(id)
    }
    state.stale = state.stale.filter { known.contains($0.account) }
    state.storeApps = state.storeApps.filter { known.contains($0.value) }
  }

  func markStale(_ account: Int) {
    for channel in accounts[account].channels.values { state.stale.insert(channel.channel) }
  }

  /// Looks up when lanes are due, for channels where that may have changed.
  func refreshStaleChannels() throws(StoreError) {
    for channel in state.stale { accounts[channel].next = try store.nextReady(channel) }
    state.stale = []
  }
}
