import Larkspur
import Planning

/// Accounts that are added, changed and removed while the worker runs.
///
/// A removed account stays in memory. Its calls in flight still have to be recorded, and if it comes back,
/// its budget and pauses are still right.
extension Worker {
  /// A few milliseconds of work. Nobody else can write during a turn.
  private static let changesPerTurn = 50

  /// Reloads the configuration if it has changed or a person has asked for it.
  func lookAtConfiguration() {
    let isAsked = world.reloadRequests != reloadsSeen
    reloadsSeen = world.reloadRequests
    if isAsked { lookForMissingSecretsNow() }
    guard let accounts = readConfiguration?(isAsked) else { return }
    // Before the start no account is open; the start opens those in `settings`.
    if isStarted {
      state.changes += AccountChange.all(from: withTenants(settings), to: withTenants(accounts))
    }
    settings = accounts
  }

  private func lookForMissingSecretsNow() {
    let now = now()
    for account in accounts.all where account.secretLook != nil {
      accounts[account.id].secretLook = now
    }
  }

  /// The next few changes. Secret files are read here, before the queue is locked.
  func nextChanges() -> [(AccountChange, MissingSecrets)] {
    state.changes.prefix(Self.changesPerTurn).map { change in
      switch change {
      case .added(let settings), .changed(let settings): (change, missingSecrets(of: settings))
      case .removed: (change, MissingSecrets())
      }
    }
  }

  func take(_ changes: [(AccountChange, MissingSecrets)], at now: Moment) throws(StoreError) {
    if changes.isEmpty { return }
    for (change, missing) in changes {
      switch change {
      case .added(let settings), .changed(let settings):
        try configure(settings, missing, at: now)
      case .removed(let name): try remove(name, at: now)
      }
    }
    state.changes.removeFirst(changes.count)
    if state.changes.isEmpty { try noteConfigured() }
  }

  /// Records which accounts are configured, for programs that only enqueue or look.
  func noteConfigured() throws(StoreError) {
    let configured = accounts.all.filter(\.isConfigured).map(\.settings)
    let apps = configured.filter { $0.storeApp != nil }
    let exceptions = apps.flatMap { $0.storeApp.map { Array($0.exceptions.values) } ?? [] }
    try store.note(
      configured: (exceptions + configured).map { ($0.name, $0.allowance) },
      tenants: apps.map { ($0.name, $0.ofTenant("").allowance) })
  }

  /// It was forgotten after it had been added to the configuration, and before that was noted.
  func addAgain(_ name: String) {
    let isAwaited = state.changes.contains { change in
      switch change {
      case .added(let settings), .changed(let settings): settings.name == name
      case .removed: false
      }
    }
    if !isAwaited, let settings = settings.first(where: { $0.name == name }) {
      state.changes.append(.added(settings))
    }
  }

  private func configure(
    _ settings: AccountSettings, _ missing: MissingSecrets, at now: Moment
  ) throws(StoreError) {
    if let id = try openNumber(of: settings.name) {
      return try change(id, to: settings, missing, at: now)
    }
    // A tenant that has been forgotten meanwhile is opened when something is asked for it.
    if case .tenant = settings.issuing { return }
    let id = try store.account(settings.name)
    state.events.append(.accountAdded(settings.name))
    state.unknownAccounts.remove(id)
    try openAccount(settings, missing, at: now)
    try openChannels(of: id, at: now)
    if settings.storeApp != nil { try openTenants(of: settings.name, at: now) }
    showQuota(of: id, at: now)
  }

  func openChannels(of id: Int, at now: Moment) throws(StoreError) {
    for kind in Kind.allCases {
      let channel = Channel(account: id, kind: kind)
      if try store.nextReady(channel).any != nil { try openChannel(channel, at: now) }
    }
  }

  private func openNumber(of name: String) throws(StoreError) -> Int? {
    try store.number(ofAccount: name).flatMap { accounts.find($0)?.id }
  }

  private func remove(_ name: String, at now: Moment) throws(StoreError) {
    guard let id = try openNumber(of: name) else { return }
    accounts[id].isConfigured = false
    // A removed account does not wait for a secret any more.
    accounts[id].missing = MissingSecrets()
    try note(MissingSecrets(), of: id, at: now)
    state.events.append(.accountRemoved(name))
  }

  private func change(
    _ id: Int, to settings: AccountSettings, _ missing: MissingSecrets, at now: Moment
  ) throws(StoreError) {
    let difference = SettingsDifference(from: accounts[id].settings, to: settings)
    let wasParked = accounts[id].parked != nil
    let isBack = !accounts[id].isConfigured
    accounts[id].settings = settings
    accounts[id].isConfigured = true
    noteStoreApp(id)
    noteApp(of: id)
    if difference.isOtherApp {
      state.result.unreachable = nil
      accounts[id].unreachable = nil
      // The ticket that was asked for is another app's.
      accounts[id].tenants.ticketAgainFrom = .zero
    }
    if difference.needsAccessToken { try forgetCredentials(of: id, at: now) }
    if let parked = accounts[id].parked, difference.fixes(parked.trouble) {
      accounts[id].parked = nil
      try store.park(id, nil, at: now)
    }
    accounts[id].forEachChannel { channel in
      if difference.isOtherApp { channel.resume() }
      channel.lookForUserToken(at: now)
    }
    // While it was away, another run may have worked it.
    if difference.needsCount || isBack { try countAgain(of: id, at: now) }
    accounts[id].showQuota(state.month, at: now)
    state.events.append(
      isBack
        ? .accountAdded(settings.name)
        : .accountChanged(
          settings.name, difference.settings,
          isResumed: wasParked && accounts[id].parked == nil))
    try note(missing, of: id, at: now)
    if settings.storeApp != nil { try openTenants(of: settings.name, at: now) }
  }

  /// Drops the access token and what was learned with the old credentials, as `larkspur resume` does.
  private func forgetCredentials(of id: Int, at now: Moment) throws(StoreError) {
    accounts[id].credential.forget()
    accounts[id].tokenFailure = nil
    try store.put(refusals: 0, ofTokens: id)
    var login = accounts[id].login
    login.resume()
    let old = accounts[id].login
    if login == old { return }
    accounts[id].login = login
    try store.put(login, insteadOf: old, id, .auth, at: now)
  }

  /// Rebuilds the budgets of its channels from the recorded calls, as at a start, and adds the calls that are
  /// not recorded yet.
  private func countAgain(of id: Int, at now: Moment) throws(StoreError) {
    for kind in accounts[id].channels.keys {
      let channel = Channel(account: id, kind: kind)
      let limits = accounts[id].settings.limits(of: kind)
      let recent = try recentCalls(of: channel, limits, at: now)
      accounts[channel].count(recent, within: limits)
      for call in calls.all where call.channel == channel {
        accounts[channel].budget.begin(at: call.started)
      }
      for call in finished where call.call.channel == channel && calls.find(call.id) != nil {
        // A call that is partly settled has its outcome in the queue, so it is among the recorded ones.
        if ahead[call.id] == nil { countArrival(call) } else { accounts[channel].budget.giveBack() }
      }
    }
  }

  /// Whether the account has changed so much since the call began that its answer says nothing
  /// about it.
  func isOutdated(_ call: UnderWay) -> Bool {
    let settings = accounts[call.account].settings
    if call.settings == settings { return false }
    return SettingsDifference(from: call.settings, to: settings)
      .outdatesCalls(of: call.channel?.kind.api ?? .auth)
  }
}
