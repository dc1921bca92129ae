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
      try store.setClock(clocks, charged: charged)
      started = now()
      let now = started
      state.month = shownMonth(at: now)
      try store.repairBudgets(at: now)
      while try !store.repairAccounts(at: now) {}
      let lost = try store.recover(at: now)
      if lost > 0 { state.events.append(.recovered(calls: lost)) }
      for (settings, missing) in zip(settings, missing) {
        try openAccount(settings, missing, at: now)
      }
      newestAskAtStart = try store.newestAsk()
      state.foldedAsk = try store.foldedAsk()
      state.seenControl = try store.control()
      state.upkeep = Upkeep(lastDone: min(try store.lastPruned(), now))
      state.strays = StrayUpkeep(wholeNext: state.upkeep.next)
      for channel in try store.channels() { try openChannel(channel, at: now) }
      // The configured quota may have changed since the last run.
      for id in accounts.keys where !accounts[id].channels.isEmpty {
        accounts[id].showQuota(state.month, at: now)
        try saveBudgets(of: id, at: now)
      }
      try noteConfigured()
    }
    isStarted = true
    state.areLanesCounted = false
    tell()
  }
}
