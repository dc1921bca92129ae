import Larkspur
import Planning

/// The beginning of a run.
extension Worker {
  /// Reads what earlier runs have left in the queue. Throws while another program holds its lock;
  /// `run` tries again.
  func start() throws(StoreError) {
    let missing = settings.map(missingSecrets(of:))
    let clocks = world.clocks()
    state = LoopState()
    accounts = Table()
    timers = Timers()
    waiting = []
    _ = try store.transaction { () throws(StoreError) in try store.repairNumbers() }
    let charged = try store.isOtherClock(clocks) ? store.chargedLanes() : []
    try store.transaction { () throws(StoreError) in
      let lastSeen = try store.lastMoment()
      try store.setClock(clocks, charged: charged)
      started = now()
      let now = started
      state.month = shownMonth(at: now)
      try store.deleteAudiencesOfForgottenAccounts()
      try store.repairBudgets(at: now)
      while try !store.repairAccounts(at: now) {}
      try store.beginRun(lastSeen: lastSeen, at: now)
      try store.forgetTokens()
      let lost = inheritance == nil ? try store.recover(at: now) : 0
      if lost > 0 { state.events.append(.recovered(calls: lost)) }
      for (settings, missing) in zip(settings, missing) {
        try openAccount(settings, missing, at: now)
      }
      newestAskAtStart = try store.newestAsk()
      state.foldedAsk = try store.foldedAsk()
      state.seenControl = try store.control()
      state.upkeep =
        keepsHouse ? Upkeep(lastDone: min(try store.lastPruned(), now), retention) : .never
      state.strays = keepsHouse ? StrayUpkeep(wholeNext: state.upkeep.next) : .never
      state.sightings =
        keepsHouse
        ? SightingUpkeep(try store.forgettingDays(), at: now) : .never
      state.counting = Counting(isWanted: keepsHouse)
      for channel in try store.channels() { try openChannel(channel, at: now) }
      if let inheritance { try takeOver(inheritance, at: now) }
      // The configured quota may have changed since the last run.
      for id in accounts.keys where !accounts[id].channels.isEmpty {
        accounts[id].showQuota(state.month, at: now)
        state.unsaved.insert(id)
      }
      try noteConfigured()
      try saveBudgets(at: now)
    }
    inheritance = nil
    isStarted = true
    state.areLanesCounted = false
    tell()
  }

  /// Records that the run has ended, and not died. If the queue cannot be written now, it counts as
  /// one that died, and the next run counts what this one has ended.
  func noteEnd() {
    let ending: RunEnding = world.stopRequests > 0 ? .stopped : .ended
    state.result.ending = ending
    guard isStarted, store.isInPlace, store.hasItsFiles else { return }
    let now = now()
    try? store.transaction { () throws(StoreError) in try store.endRun(ending, at: now) }
    try? countAtTheEnd()
  }
}
