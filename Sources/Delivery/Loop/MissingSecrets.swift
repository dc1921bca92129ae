import Larkspur
import Planning

/// Which of an account's secrets cannot be read, and why.
struct MissingSecrets: Equatable {
  /// The app secret.
  var app: String?
  /// The user access token, where one is configured.
  var user: String?

  var any: String? { app ?? user }
}

/// An account whose secret cannot be read waits while the others go on. No resume is needed once
/// the secret is there: a running worker looks again, and each run looks at its start.
extension Worker {
  private static func waiting(for why: String) -> String {
    why.hasPrefix(Stuck.ticket) ? "cannot sign in: \(why)" : "waiting for a secret: \(why)"
  }

  /// Reads files, so it must not be done for thousands of accounts while the queue is locked.
  func missingSecrets(of settings: AccountSettings) -> MissingSecrets {
    // The app's secret and ticket are the app's affair.
    if case .tenant = settings.issuing { return MissingSecrets() }
    return MissingSecrets(
      app: problem(with: settings.secret)
        ?? settings.storeApp.flatMap { problem(with: $0.ticket) }.map {
          "\(Stuck.ticket) is not there: \($0)"
        },
      user: settings.userToken.flatMap(problem(with:)))
  }

  /// A secret that is only checked is not given to the redaction: it has not been sent anywhere
  /// that could repeat it.
  private func problem(with source: SecretSource) -> String? {
    guard case .failure(let problem) = lookUpSecret(source) else { return nil }
    return redaction.text(problem.why)
  }

  /// Opens an account with what earlier runs recorded, except a pause that waited for a secret.
  func openAccount(
    _ settings: AccountSettings, _ missing: MissingSecrets, at now: Moment
  ) throws(StoreError) {
    let id = try store.account(settings.name)
    var login = try store.budget(id, .auth)
    if login.pausedFor == .credentials { login.endPause() }
    accounts.insert(
      AccountState(
        settings, id: id, app: app(of: settings), parked: try store.parked(id),
        refusals: try store.refusals(ofTokens: id), login: login,
        provenHost: try store.provenHost(of: id), renewal: renewal(of: settings)), for: id)
    noteStoreApp(id)
    if settings.storeApp != nil, let asked = try store.ticketAsked(of: id) {
      accounts[id].tenants.ticketAsked(at: min(asked, now))
    }
    if missing.any != nil { try note(missing, of: id, at: now) }
  }

  func app(of settings: AccountSettings) -> Int? {
    guard case .tenant(_, let app) = settings.issuing else { return nil }
    return state.storeApps[app]
  }

  /// Thousands of tenants do not renew their tokens at the same moment.
  private func renewal(of settings: AccountSettings) -> Span {
    guard case .tenant = settings.issuing else { return Limits.accessTokenRenewal }
    let range = Limits.tenantTokenRenewal
    return range.lowerBound + Span(world.random() % UInt64(range.count))
  }

  /// Records which secrets of an account cannot be read, reports what is new, and pauses or resumes
  /// its channels.
  func note(_ missing: MissingSecrets, of account: Int, at now: Moment) throws(StoreError) {
    let last = accounts[account].missing
    accounts[account].missing = missing
    let isAwaited = !accounts[account].tenants.line.isEmpty
    accounts[account].secretLook =
      missing.any == nil
      ? nil : now + (isAwaited ? RetryPolicy.ticketLooks : RetryPolicy.secretLooks)
    tell(missing, after: last, account: accounts[account].settings.name)
    try showLogin(account, at: now)
    for channel in accounts[account].channels.values { hold(channel.channel, at: now) }
  }

  /// Reports a missing secret once, not at every look.
  private func tell(_ missing: MissingSecrets, after last: MissingSecrets, account: String) {
    if let why = missing.app, why != last.app {
      state.events.append(.secretMissing(account: account, why: why))
    }
    if let why = missing.user, why != last.user {
      state.events.append(.userTokenMissing(account: account, .session, why: why))
    }
    if missing.any == nil && last.any != nil { state.events.append(.secretFound(account: account)) }
  }

  /// Pauses a channel that needs a missing secret until the next look, so that its lanes show why
  /// they wait.
  func hold(_ channel: Channel, at now: Moment) {
    let account = accounts[channel.account]
    if let why = account.missingSecret(for: channel.kind, at: now), let look = account.secretLook {
      accounts[channel].pause(until: look, for: .credentials, why: Self.waiting(for: why))
    } else if accounts[channel].record.pausedFor == .credentials {
      accounts[channel].endPause(for: .credentials, at: now)
    }
    state.unsaved.insert(channel.account)
  }

  /// Does the same for the API that issues access tokens, because the account may have no lanes.
  private func showLogin(_ account: Int, at now: Moment) throws(StoreError) {
    let known = accounts[account]
    var login = known.login
    if let why = known.missing.app {
      login.pause(until: known.secretLook ?? .zero, for: .credentials, why: Self.waiting(for: why))
    } else if login.pausedFor == .credentials {
      login.endPause()
    }
    if login == known.login { return }
    accounts[account].login = login
    try store.put(login, insteadOf: known.login, account, .auth, at: now)
  }

  /// Looks again whether secrets that are missing can be read.
  func lookForSecrets(of account: Int, at now: Moment) throws(StoreError) {
    guard let look = accounts[account].secretLook, look <= now else { return }
    try note(missingSecrets(ofOpen: account), of: account, at: now)
  }
}
