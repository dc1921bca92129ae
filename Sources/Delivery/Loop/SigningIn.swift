import Larkspur
import Planning

/// Fetches access tokens when there is something to send, and handles the answers.
extension Worker {
  /// Requests an access token if one is needed: one request at a time, and ahead of time while the
  /// old token is still good.
  func fetchTokens(for account: Int, at now: Moment) throws(StoreError) -> [Departure] {
    let settings = accounts[account].settings
    if settings.storeApp != nil { return try logTenantsIn(of: account, at: now) }
    guard accounts[account].wantsToken(terms(at: now), at: now) else { return [] }
    switch settings.issuing {
    case .ownApp(let endpoint):
      let departure = try fetchOwnToken(for: account, from: endpoint, settings, at: now)
      return departure.map { [$0] } ?? []
    case .tenant: standInLine(account, at: now)
    case .storeApp: break
    }
    return []
  }

  private func fetchOwnToken(
    for account: Int, from endpoint: TokenEndpoint, _ settings: AccountSettings, at now: Moment
  ) throws(StoreError) -> Departure? {
    switch readSecret(settings.secret) {
    case .failure(let problem):
      let missing = MissingSecrets(app: problem.why, user: accounts[account].missing.user)
      try note(missing, of: account, at: now)
      return nil
    case .success(let secret):
      accounts[account].credential.fetchBegan()
      let endpoint = accounts[account].fallback ?? endpoint
      let request = FeishuWire.accessToken(
        from: endpoint, host: settings.host, appID: settings.appID, secret: secret)
      return try depart(.own(endpoint), request, of: account, at: now)
    }
  }

  func depart(
    _ login: UnderWay.Login, _ request: Request, of account: Int, at now: Moment
  ) throws(StoreError) -> Departure {
    let call = try store.beginCall(account, .auth, at: now)
    state.result.progress.tokenCalls += 1
    return depart(call, account, .login(login), request, earliest: now, at: now)
  }

  func settle(
    _ login: UnderWay.Login, _ finished: FinishedCall, _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let verdict = Verdict(of: answer, from: .auth)
    if isOutdated(finished.call) {
      let record = CallRecord(verdict, answer, finished)
      return try store.finish(call: finished.id, record, at: now)
    }
    if answer.mayHaveLeft { accounts[finished.call.account].unreachable = nil }
    switch login {
    // A self-built app has no ticket.
    case .own(let endpoint):
      try settleOwnToken(
        finished, from: endpoint, verdict == .ticketRefused ? .tryAgain : verdict, answer, at: now)
    case .app(let ticket): try settleAppToken(finished, ticket, verdict, answer, at: now)
    case .tenant(let app, let token):
      try settleTenantToken(finished, of: app, token, verdict, answer, at: now)
    case .ticketAgain: try finish(finished, verdict, answer, at: now)
    }
  }

  private func settleOwnToken(
    _ finished: FinishedCall, from endpoint: TokenEndpoint, _ verdict: Verdict, _ answer: Answer,
    at now: Moment
  ) throws(StoreError) {
    let account = finished.call.account
    let dice = world.random()
    let verdict = try take(tokenOf: finished, verdict, dice: dice, at: now)
    accounts[account].fallback = nil
    // First of all, so that a log tells the call before what follows from it.
    try finish(finished, verdict, answer, at: now)
    if endpoint.hasFailed(verdict, answer) {
      // The other is asked in the same turn.
      accounts[account].fallback = endpoint.fallback
      accounts[account].credential.fetchGaveNothing()
    } else if verdict != .delivered {
      try tokenFailed(
        account, verdict, answer, started: finished.call.started, dice: dice, at: now)
    }
    try saveLogin(account, isOver: verdict == .delivered, at: now)
  }

  /// Takes the token from an answer that was given. What has none is to be asked for again.
  func take(
    tokenOf finished: FinishedCall, _ verdict: Verdict, dice: UInt64, at now: Moment
  ) throws(StoreError) -> Verdict {
    guard verdict == .delivered, case .answered(let raw) = finished.outcome else { return verdict }
    guard let token = FeishuWire.accessToken(in: raw) else { return .tryAgain }
    let account = finished.call.account
    accounts[account].credential.arrived(token.value, lives: token.lives, at: now, dice: dice)
    accounts[account].login.health.succeeded(at: now)
    state.result.unreachable = nil
    try noteSuccess(at: account)
    return .delivered
  }

  /// Records the request, and reports it if it has failed.
  func finish(
    _ finished: FinishedCall, _ verdict: Verdict, _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let account = finished.call.account
    // Its channels wait with it.
    state.unsaved.insert(account)
    let record = CallRecord(verdict, answer, finished)
    try store.finish(call: finished.id, record, at: now)
    if verdict != .delivered {
      let name = accounts[account].settings.name
      tellCall(finished, nil, verdict, record, account: name, detail: answer.summary)
    }
  }

  /// Records why there is no new token, for the next run and for people who look.
  func saveLogin(_ account: Int, isOver: Bool, at now: Moment) throws(StoreError) {
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

  func tokenFailed(
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
