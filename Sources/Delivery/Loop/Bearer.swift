import Larkspur
import Planning

/// With which access token a call is made: the app's, or a person's where one is configured.
extension Worker {
  func usesUserToken(_ gate: Gate) -> Bool {
    gate.kind.takesUserTokens && state.accounts[gate.account]?.settings.userToken != nil
  }

  /// The token for a call that is due; nil when there is none to be had now.
  func bearer(
    for gate: Gate, _ account: AccountState, at now: Moment
  ) throws(SQLiteError) -> String? {
    guard gate.kind.takesUserTokens, let source = account.settings.userToken else {
      return account.credential.usable(at: now)
    }
    // Read at each use: somebody else renews it.
    switch readSecret(source) {
    case .success(let token): return token
    case .failure(let problem):
      let missing = MissingSecrets(app: account.missing.app, user: problem.why)
      try note(missing, of: gate.account, at: now)
      return nil
    }
  }

  /// Only this API stands still: the app's own token is as good as it was.
  func userTokenRefused(
    _ token: String, _ gate: Gate, why: String, at now: Moment
  ) throws(SQLiteError) {
    state.lines[gate]?.record.refusedMark = Self.mark(of: token)
    try stop(gate, for: Self.tokenPause, why: "the user access token is refused: \(why)", at: now)
  }

  private func stop(
    _ gate: Gate, for span: Span, why: String, at now: Moment
  ) throws(SQLiteError) {
    state.lines[gate]?.pause(until: now + span, why: why)
    state.lines[gate]?.nextTokenLook = now + Self.tokenLook
    try saveBudget(of: gate)
  }

  /// A token that was refused is tried again only after this, unless it has been replaced.
  private static let tokenPause: Span = .minutes(15)
  private static let tokenLook: Span = .seconds(10)

  /// Goes on as soon as a token that was refused has been replaced.
  func lookForNewUserTokens(at now: Moment) throws(SQLiteError) {
    for (gate, line) in state.lines {
      guard let look = line.nextTokenLook, look <= now else { continue }
      if isReplaced(line) {
        state.lines[gate]?.endPause()
        try saveBudget(of: gate)
      } else {
        state.lines[gate]?.nextTokenLook = now + Self.tokenLook
      }
    }
  }

  private func isReplaced(_ line: Line) -> Bool {
    // Taken out of the configuration, it is replaced by the app's.
    guard let source = state.accounts[line.gate.account]?.settings.userToken else { return true }
    guard case .success(let token) = readSecret(source) else { return false }
    return line.record.refusedMark != Self.mark(of: token)
  }

  /// FNV-1a, folded into 16 bits.
  private static func mark(of token: String) -> Int {
    var hash: UInt32 = 0x811c_9dc5
    for byte in token.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Int((hash >> 16) ^ (hash & 0xffff))
  }
}
