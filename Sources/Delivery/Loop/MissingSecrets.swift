import Larkspur
import Planning

/// What cannot be read of an account's secrets, and why.
struct MissingSecrets: Equatable {
  /// The app secret.
  var app: String?
  /// The user access token, where one is configured.
  var user: String?

  var any: String? { app ?? user }
}

/// An account whose secret cannot be read waits, and the others go on. Nothing has to be resumed once the
/// secret is there: a worker that stays looks again, and the next run looks at its start.
extension Worker {
  /// How often to look for a secret that is missing.
  private static let secretLook: Span = .seconds(30)

  /// What the reason of such a wait begins with, in the queue. The next run recognises by it that the wait
  /// is over as soon as it can read the secret.
  private static let waits = "waiting for a secret: "

  static func isForSecret(_ why: String?) -> Bool { why?.hasPrefix(waits) ?? false }

  /// Reads files, so it must not be done for thousands of accounts while the queue is locked.
  func missingSecrets(of settings: AccountSettings) -> MissingSecrets {
    MissingSecrets(
      app: problem(with: settings.secret), user: settings.userToken.flatMap(problem(with:)))
  }

  /// A secret that is only looked at is not kept, not even to take it out of texts: nothing that could
  /// repeat it has been told it.
  private func problem(with source: SecretSource) -> String? {
    guard case .failure(let problem) = lookUpSecret(source) else { return nil }
    return redaction.text(problem.why)
  }

  /// An account as earlier runs have left it, but for their wait for a secret.
  func openAccount(
    _ settings: AccountSettings, _ missing: MissingSecrets
  ) throws(SQLiteError) {
    let id = try store.account(settings.name)
    var login = try store.budget(id, .auth)
    if Self.isForSecret(login.pausedWhy) {
      login.pausedUntil = 0
      login.pausedWhy = nil
    }
    state.accounts[id] = AccountState(
      settings, parked: try store.parked(id), refusals: try store.refusals(ofTokens: id),
      login: login, provenHost: try store.provenHost(of: id))
    if missing.any != nil { try note(missing, of: id, at: started) }
  }

  /// Whether calls of this gate wait for a secret. An access token that is still good needs none.
  func lacksSecret(_ gate: Gate, at now: Moment) -> Bool { missingSecret(of: gate, at: now) != nil }

  private func missingSecret(of gate: Gate, at now: Moment) -> String? {
    guard let account = state.accounts[gate.account] else { return nil }
    if usesUserToken(gate) { return account.missing.user }
    return account.credential.usable(at: now) == nil ? account.missing.app : nil
  }

  /// Notes which secrets of an account cannot be read, tells what is new about it, and holds its lanes.
  func note(_ missing: MissingSecrets, of account: Int, at now: Moment) throws(SQLiteError) {
    guard let known = state.accounts[account] else { return }
    state.accounts[account]?.missing = missing
    state.secretLooks[account] = missing.any == nil ? nil : now + Self.secretLook
    tell(missing, after: known.missing, account: known.settings.name)
    try showLogin(account)
    for kind in Kind.allCases { try hold(Gate(account: account, kind: kind), at: now) }
  }

  /// Once, and not at every look.
  private func tell(_ missing: MissingSecrets, after last: MissingSecrets, account: String) {
    if let why = missing.app, why != last.app {
      state.events.append(.secretMissing(account: account, why: why))
    }
    if let why = missing.user, why != last.user {
      state.events.append(.userTokenMissing(account: account, .session, why: why))
    }
    if missing.any == nil && last.any != nil { state.events.append(.secretFound(account: account)) }
  }

  /// Lanes that wait for a secret say so, and until when.
  func hold(_ gate: Gate, at now: Moment) throws(SQLiteError) {
    guard let line = state.lines[gate] else { return }
    if let why = missingSecret(of: gate, at: now), let look = state.secretLooks[gate.account] {
      state.lines[gate]?.pause(until: look, why: Self.waits + why)
    } else if Self.isForSecret(line.record.pausedWhy) {
      state.lines[gate]?.record.pausedUntil = 0
      state.lines[gate]?.record.pausedWhy = nil
    }
    try saveBudget(of: gate)
  }

  /// The same for the account, which may have no lanes.
  private func showLogin(_ account: Int) throws(SQLiteError) {
    guard let known = state.accounts[account] else { return }
    var login = known.login
    if let why = known.missing.app {
      let look = state.secretLooks[account] ?? 0
      if look > login.pausedUntil {
        login.pausedUntil = look
        login.pausedWhy = Self.waits + why
      }
    } else if Self.isForSecret(login.pausedWhy) {
      login.pausedUntil = 0
      login.pausedWhy = nil
    }
    if login == known.login { return }
    state.accounts[account]?.login = login
    try store.put(login, account, .auth)
  }

  /// Looks again whether the secrets that are missing can be read.
  func lookForSecrets(at now: Moment) throws(SQLiteError) {
    for (account, look) in state.secretLooks where look <= now {
      guard let settings = state.accounts[account]?.settings else { continue }
      try note(missingSecrets(of: settings), of: account, at: now)
    }
  }
}
