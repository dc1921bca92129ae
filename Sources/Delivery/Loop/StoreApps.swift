import Larkspur
import Planning

/// Store apps. Feishu pushes a ticket to the app's own backend; with the ticket the app gets an access
/// token of its own, and with that one the tokens of its tenants. All tenants wait for the app's
/// token together, so that what is wrong with the app is noticed, asked and told once.
extension Worker {
  /// Opens the account of a tenant when something is asked for it. False if it belongs to no app that is
  /// configured.
  func openTenant(_ id: Int, at now: Moment) throws(StoreError) -> Bool {
    let name = try store.accountName(id)
    guard let tenant = TenantName(name), let app = state.storeApps[tenant.app],
      accounts[app].isConfigured
    else { return false }
    let settings = accounts[app].settings.ofTenant(tenant.key)
    try openAccount(settings, MissingSecrets(), at: now)
    try store.note(configured: name, allowance: settings.allowance)
    return true
  }

  /// Records whether an account is a store app, under whose name tenants are found. The configuration may
  /// make it one, or make it an account of its own again.
  func noteStoreApp(_ id: Int) {
    let settings = accounts[id].settings
    state.storeApps[settings.name] = settings.storeApp == nil ? nil : id
  }

  /// Opens what was asked for tenants before their app was configured.
  func openTenants(of app: String, at now: Moment) throws(StoreError) {
    for id in state.unknownAccounts.sorted() {
      guard TenantName(try store.accountName(id))?.app == app else { continue }
      state.unknownAccounts.remove(id)
      try openChannels(of: id, at: now)
    }
  }

  /// With the tenants that are open, because they change with their app. An account of such a name is one
  /// even if it was a self-built app before.
  func withTenants(_ settings: [AccountSettings]) -> [AccountSettings] {
    let apps = Dictionary(settings.filter { $0.storeApp != nil }.map { ($0.name, $0) }) { $1 }
    if apps.isEmpty { return settings }
    return settings
      + accounts.all.compactMap { known in
        TenantName(known.settings.name).flatMap { apps[$0.app]?.ofTenant($0.key) }
      }
  }

  /// It may have become the tenant of a store app, or an account of its own.
  func noteApp(of account: Int) {
    let now = app(of: accounts[account].settings)
    if let before = accounts[account].app, before != now, accounts.find(before) != nil {
      accounts[before].tenants.line.removeAll { $0 == account }
      accounts[account].isInLine = false
    }
    accounts[account].app = now
  }

  /// A tenant needs a token. The app requests it when it may.
  func standInLine(_ account: Int, at now: Moment) {
    guard let app = accounts[account].app else { return }
    accounts[account].isInLine = true
    accounts[app].tenants.line.append(account)
    if accounts[app].missing.app != nil { accounts[app].secretLook = now }
    hold(tenant: account, of: app, at: now)
  }

  /// Some milliseconds of work, so that calls still leave soon.
  private static let loginsPerTurn = 25

  /// Requests tokens for the tenants that wait, or first the app's own. If that is impossible for want of a
  /// ticket, asks Feishu to push one, now and then.
  func logTenantsIn(of app: Int, at now: Moment) throws(StoreError) -> [Departure] {
    let known = accounts[app]
    if known.tenants.line.isEmpty || !known.isConfigured { return [] }
    if known.missing.app != nil {
      let departures = try askForTicket(app, at: now)
      holdTenants(of: app, at: now)
      return departures
    }
    guard let moment = known.loginMoment(at: now), moment <= now else { return [] }
    guard let token = known.credential.usable(at: now) else {
      return try fetchAppToken(for: app, at: now)
    }
    var departures: [Departure] = []
    while departures.count < Self.loginsPerTurn, let tenant = accounts[app].tenants.line.first,
      let opens = accounts[app].tenants.logins.opens(at: now), opens <= now
    {
      accounts[app].tenants.line.removeFirst()
      accounts[tenant].isInLine = false
      for channel in accounts[tenant].channels.values { hold(channel.channel, at: now) }
      // It may have nothing to send any more.
      guard accounts[tenant].wantsToken(terms(at: now), at: now),
        case .tenant(let key, _) = accounts[tenant].settings.issuing
      else { continue }
      accounts[app].tenants.logins.begin(at: now)
      accounts[tenant].credential.fetchBegan()
      let request = FeishuWire.tenantToken(
        host: accounts[tenant].settings.host, appToken: token, tenant: key)
      departures.append(
        try depart(.tenant(app: app, token: token), request, of: tenant, at: now))
    }
    return departures
  }

  /// Tenants wait in vain while somebody has to do something about their app. Their lanes show why. They go on
  /// when their turn in the line comes.
  private func holdTenants(of app: Int, at now: Moment) {
    if accounts[app].whyNoTokens == nil { return }
    for tenant in accounts[app].tenants.line { hold(tenant: tenant, of: app, at: now) }
  }

  private func hold(tenant: Int, of app: Int, at now: Moment) {
    guard let (why, moment) = accounts[app].whyNoTokens,
      accounts[tenant].credential.usable(at: now) == nil
    else { return }
    for channel in accounts[tenant].channels.values where channel.record.pausedUntil <= now {
      accounts[channel.channel].pause(until: moment, for: .credentials, why: why)
      state.unsaved.insert(tenant)
    }
  }

  private func fetchAppToken(for account: Int, at now: Moment) throws(StoreError) -> [Departure] {
    let settings = accounts[account].settings
    let missing = missingSecrets(ofOpen: account)
    guard missing.app == nil, let app = settings.storeApp,
      case .success(let secret) = readSecret(settings.secret),
      case .success(let ticket) = readSecret(app.ticket)
    else {
      try note(missing, of: account, at: now)
      return try askForTicket(account, at: now)
    }
    accounts[account].credential.fetchBegan()
    let request = FeishuWire.appToken(settings, secret: secret, ticket: ticket)
    let mark = StableHash.mark(of: ticket.utf8)
    return [try depart(.app(ticket: mark), request, of: account, at: now)]
  }

  /// Records how old the ticket is. A token may last longer than two tickets, so this is not noticed otherwise.
  func lookAtTicket(of account: Int, at now: Moment) throws(StoreError) {
    guard let app = accounts[account].settings.storeApp,
      accounts[account].tenants.ageLook ?? now <= now
    else { return }
    if accounts[account].tenants.ageLook == nil {
      accounts[account].tenants.ticketWritten = try store.ticketWritten(of: account)
    }
    accounts[account].tenants.ageLook = now + RetryPolicy.ticketAgeLooks
    let written = whenWritten(app.ticket).map { now - max(0, store.clocks.wall(now).ms - $0.ms) }
    let known = accounts[account].tenants.ticketWritten
    // Clocks differ a little.
    let isKnown =
      known.map { old in written.map { abs($0 - old) < .seconds(1) } ?? false } ?? (written == nil)
    if isKnown { return }
    accounts[account].tenants.ticketWritten = written
    try store.put(ticketWritten: written, of: account)
  }

  private func askForTicket(_ account: Int, at now: Moment) throws(StoreError) -> [Departure] {
    guard accounts[account].tenants.mayAskForTicket(at: now) else { return [] }
    guard case .success(let secret) = readSecret(accounts[account].settings.secret) else {
      accounts[account].tenants.ticketAgainFrom = now + RetryPolicy.secretLooks
      return []
    }
    accounts[account].tenants.ticketAsked(at: now)
    try store.put(ticketAsked: now, of: account)
    let request = FeishuWire.ticketAgain(accounts[account].settings, secret: secret)
    return [try depart(.ticketAgain, request, of: account, at: now)]
  }

  /// What is missing of an account that is open. A ticket that was refused is of no use any more.
  func missingSecrets(ofOpen account: Int) -> MissingSecrets {
    let known = accounts[account]
    var missing = missingSecrets(of: known.settings)
    if missing.app == nil, let app = known.settings.storeApp,
      let refused = known.login.refusedMark, case .success(let ticket) = readSecret(app.ticket),
      StableHash.mark(of: ticket.utf8) == refused
    {
      missing.app = "\(Stuck.ticket) was refused, and no other one has come"
    }
    return missing
  }

  func settleAppToken(
    _ finished: FinishedCall, _ ticket: Int, _ verdict: Verdict, _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let account = finished.call.account
    let dice = world.random()
    let verdict = try take(tokenOf: finished, verdict, dice: dice, at: now)
    try finish(finished, verdict, answer, at: now)
    switch verdict {
    case .delivered:
      accounts[account].login.refusedMark = nil
      accounts[account].tokenFailure = nil
      try unparkApp(account, at: now)
    case .ticketRefused:
      accounts[account].login.refusedMark = ticket
      accounts[account].credential.fetchGaveNothing()
      try note(missingSecrets(ofOpen: account), of: account, at: now)
      // In this turn another ticket is asked for.
      accounts[account].secretLook = now
    default:
      try tokenFailed(
        account, verdict, answer, started: finished.call.started, dice: dice, at: now)
      holdTenants(of: account, at: now)
    }
    try saveLogin(account, isOver: verdict == .delivered, at: now)
  }

  /// The app makes no other calls that could show that its problem is over.
  private func unparkApp(_ account: Int, at now: Moment) throws(StoreError) {
    if accounts[account].parked == nil { return }
    accounts[account].parked = nil
    try store.park(account, nil, at: now)
    state.events.append(.unparked(account: accounts[account].settings.name))
  }

  func settleTenantToken(
    _ finished: FinishedCall, of app: Int, _ token: String, _ verdict: Verdict, _ answer: Answer,
    at now: Moment
  ) throws(StoreError) {
    let account = finished.call.account
    let dice = world.random()
    let verdict = try take(tokenOf: finished, verdict, dice: dice, at: now)
    try finish(finished, verdict, answer, at: now)
    switch verdict {
    case .delivered: accounts[app].credential.accepted()
    case .tokenRefused, .ticketRefused:
      // Not this tenant's fault: the app needs another token, and the tenant waits for it with the others.
      accounts[account].credential.fetchGaveNothing()
      accounts[app].tokenFailure = answer.summary
      if accounts[app].credential.refused(token) { try park(app, .credentials, answer, at: now) }
    default:
      try tokenFailed(
        account, verdict, answer, started: finished.call.started, dice: dice, at: now)
    }
    try saveLogin(account, isOver: verdict == .delivered, at: now)
  }
}
