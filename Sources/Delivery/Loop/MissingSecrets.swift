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
  private static let waits = "waiting for a secret: "

  /// Reads files, so it must not be done for thousands of accounts while the queue is locked.
  func missingSecrets(of settings: AccountSettings) -> MissingSecrets {
    MissingSecrets(
      app: problem(with: settings.secret), user: settings.userToken.flatMap(problem(with:)))
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
        settings, id: id, parked: try store.parked(id),
        refusals: try store.refusals(ofTokens: id), login: login,
        provenHost: try store.provenHost(of: id)), for: id)
    if missing.any != nil { try note(missing, of: id, at: now) }
  }

  /// Records which secrets of an account cannot be read, reports what is new, and pauses or resumes
  /// its channels.
  func note(_ missing: MissingSecrets, of account: Int, at now: Moment) throws(StoreError) {
    let last = accounts[account].missing
    accounts[account].missing = missing
    accounts[account].secretLook = missing.any == nil ? nil : now + RetryPolicy.secretLooks
    tell(missing, after: last, account: accounts[account].settings.name)
    try showLogin(account, at: now)
    for channel in accounts[account].channels.values { try hold(channel.channel, at: now) }
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
  func hold(_ channel: Channel, at now: Moment) throws(StoreError) {
    let account = accounts[channel.account]
    if let why = account.missingSecret(for: channel.kind, at: now), let look = account.secretLook {
      accounts[channel].pause(until: look, for: .credentials, why: Self.waits + why)
    } else if accounts[channel].record.pausedFor == .credentials {
      accounts[channel].endPause(for: .credentials, at: now)
    }
    try saveBudgets(of: channel.account, at: now)
  }

  /// Does the same for the API that issues access tokens, because the account may have no lanes.
  private func showLogin(_ account: Int, at now: Moment) throws(StoreError) {
    let known = accounts[account]
    var login = known.login
    if let why = known.missing.app {
      login.pause(until: known.secretLook ?? .zero, for: .credentials, why: Self.waits + why)
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
    try note(missingSecrets(of: accounts[account].settings), of: account, at: now)
  }
}
