import Larkspur
import Planning

/// Fetches access tokens when there is something to send, and handles the answers.
extension Worker {
  /// Requests an access token if one is needed: one request at a time, and ahead of time while the
  /// old token is still good.
  func fetchToken(for account: Int, at now: Moment) throws(StoreError) -> Departure? {
    guard accounts[account].wantsToken(terms(at: now), at: now) else { return nil }
    let settings = accounts[account].settings
    switch readSecret(settings.secret) {
    case .failure(let problem):
      let missing = MissingSecrets(app: problem.why, user: accounts[account].missing.user)
      try note(missing, of: account, at: now)
      return nil
    case .success(let secret):
      accounts[account].credential.fetchBegan()
      let endpoint = accounts[account].fallback ?? settings.tokenEndpoint
      let request = FeishuWire.accessToken(
        from: endpoint, host: settings.host, appID: settings.appID, secret: secret)
      let call = try store.beginCall(account, .auth, at: now)
      return depart(call, account, .tokenRequest(endpoint), request, earliest: now, at: now)
    }
  }

  func settleToken(
    _ finished: FinishedCall, from endpoint: TokenEndpoint, _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let account = finished.call.account
    let dice = world.random()
    var verdict = Verdict(of: answer, from: .auth)
    if isOutdated(finished.call) {
      let record = CallRecord(verdict, answer, finished)
      return try store.finish(call: finished.id, record, at: now)
    }
    if answer.mayHaveLeft { accounts[account].unreachable = nil }
    if case .answered(let raw) = finished.outcome, verdict == .delivered {
      if let token = FeishuWire.accessToken(in: raw) {
        accounts[account].credential.arrived(
          token.value, lives: token.lives, at: now, dice: dice)
        accounts[account].login.health.succeeded(at: now)
        state.result.unreachable = nil
        try noteSuccess(at: account)
      } else {
        verdict = .tryAgain
      }
    }
    accounts[account].fallback = nil
    if endpoint.hasFailed(verdict, answer) {
      // The other is asked in the same turn.
      accounts[account].fallback = endpoint.fallback
      accounts[account].credential.fetchGaveNothing()
    } else if verdict != .delivered {
      try tokenFailed(
        account, verdict, answer, started: finished.call.started, dice: dice, at: now)
    }
    try saveLogin(account, isOver: verdict == .delivered, at: now)
    // Its channels wait with it.
    try saveBudgets(of: account, at: now)
    let record = CallRecord(verdict, answer, finished)
    try store.finish(call: finished.id, record, at: now)
    if verdict != .delivered {
      let name = accounts[account].settings.name
      tellCall(finished, nil, verdict, record, account: name, detail: answer.summary)
    }
  }

  /// Records why there is no new token, for the next run and for people who look.
  private func saveLogin(_ account: Int, isOver: Bool, at now: Moment) throws(StoreError) {
    let known = accounts[account]
    var login = known.login
    login.endPause()
    if !isOver, let why = known.tokenFailure {
      login.pause(until: known.credential.notBefore, for: .paused, why: why)
    }
    accounts[account].login = login
    let old = try store.budget(account, .auth)
    if login != old { try store.put(login, insteadOf: old, account, .auth, at: now) }
  }

  private func tokenFailed(
    _ account: Int, _ verdict: Verdict, _ answer: Answer, started: Moment, dice: UInt64,
    at now: Moment
  ) throws(StoreError) {
    accounts[account].credential.fetchFailed(wait: answer.wait, at: now, dice: dice)
    accounts[account].tokenFailure = "no access token: \(answer.summary)"
    if let failing = verdict.failing(of: [], answer) {
      _ = accounts[account].login.health.failed(
        failing, started: started, at: now, dice: dice)
    }
    switch verdict.consequenceOfTokenRequest(answer) {
    case .parked(let trouble): try park(account, trouble, answer, at: now)
    case .hostForeign:
      let known = accounts[account]
      if known.login.health.isElsewhere(isProven: known.isProven, at: now) {
        try park(account, .address, answer, at: now)
      }
    case .hostUnreachable: noteUnreachable(account, answer.summary)
    case .none, .quotaSpent, .appTokenRefused, .userTokenRefused: break
    }
  }
}
