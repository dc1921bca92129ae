import Delivery
import Larkspur
import Planning
import Terminal

/// Whether Feishu can be reached and lets the accounts in: for each host one connection, for each
/// account one access token and the list of its scopes. Nothing is refreshed.
struct OnlineCheck {
  let accounts: [AccountSettings]
  /// The kinds that each account has lanes of, as far as the queue can be read.
  var kinds: [String: Set<Kind>] = [:]
  let network: Network
  var environment: [String: String] = [:]
  let readSecret: (SecretSource) -> Result<String, SecretProblem>
  let now: () -> WallMoment
  let sinceBoot: () -> BootMoment

  /// How long all that concerns one host may take.
  static let limit: Span = .seconds(10)

  func findings(_ tell: (Finding) -> Void) {
    var hosts: [(host: String, trust: Trust)] = []
    for account in accounts
    where !hosts.contains(where: { $0.host == account.host && $0.trust == account.trust }) {
      hosts.append((account.host, account.trust))
    }
    for (host, trust) in hosts {
      let theirs = accounts.filter { $0.host == host && $0.trust == trust }
      examine(host, trust, theirs, until: sinceBoot() + Self.limit, tell)
    }
  }

  private func examine(
    _ host: String, _ trust: Trust, _ accounts: [AccountSettings], until end: BootMoment,
    _ tell: (Finding) -> Void
  ) {
    let redaction = Redaction(environment: environment)
    let proxy = ProxyChoice(for: host, in: environment)
    let judging = ConnectionJudging(host: host, proxy: proxy, redaction: redaction)
    let reach = network.connect(host, trust, Self.limit)
    for finding in judging.findings(of: reach) { tell(finding) }
    var hasClock = false
    for account in accounts {
      let left = end - sinceBoot()
      guard case .connected = reach, left > .seconds(1) else {
        let isConnected = if case .connected = reach { true } else { false }
        let why = isConnected ? "there was no time left" : "no connection"
        tell(
          .unknown(
            .accessToken, "account '\(account.name)' was not tried: \(why)",
            fix: isConnected ? Self.again(account) : "correct the connection, then look again"))
        continue
      }
      let result = ask(account, trust, redaction, within: left)
      for finding in result.findings { tell(finding) }
      if let clock = result.clock, !hasClock {
        hasClock = true
        tell(clock)
      }
    }
  }

  private static func again(_ account: AccountSettings) -> String {
    "run 'larkspur doctor --online --account \(account.name)'"
  }

  private func ask(
    _ account: AccountSettings, _ trust: Trust, _ redaction: Redaction, within limit: Span
  ) -> (findings: [Finding], clock: Finding?) {
    let secret: String
    switch readSecret(account.secret) {
    case .success(let read): secret = read
    case .failure(let problem):
      return (
        [
          .unknown(
            .accessToken, "account '\(account.name)' was not tried: \(problem.why)",
            fix: Self.again(account))
        ], nil
      )
    }
    var redaction = redaction
    redaction.know(secret, from: .place(account.secret))
    guard var endpoint = account.tokenEndpoint else {
      return askStoreApp(account, secret, trust, redaction, within: limit)
    }
    let begun = now()
    var findings: [Finding] = []
    while true {
      let reply = tokenReply(
        of: account, from: endpoint, secret, trust, &redaction,
        within: max(limit - (now() - begun), .seconds(1)))
      let judging = TokenJudging(account: account, endpoint: endpoint)
      let verdict = Verdict(of: reply.answer, from: .auth)
      if let other = endpoint.fallback, endpoint.hasFailed(verdict, reply.answer) {
        findings.append(judging.failure(reply.answer))
        endpoint = other
        continue
      }
      guard case .answered(let raw) = reply.outcome, verdict == .delivered,
        let token = FeishuWire.accessToken(in: raw)
      else { return (findings + [judging.refusal(reply.answer)], reply.clock) }
      let scopes = scopes(
        of: account, trust, bearer: token.value, redaction, within: limit - (now() - begun))
      return (findings + [judging.given(token.lives), scopes], reply.clock)
    }
  }

  /// A store app has an access token of its own, for which it needs the ticket.
  private func askStoreApp(
    _ account: AccountSettings, _ secret: String, _ trust: Trust, _ redaction: Redaction,
    within limit: Span
  ) -> (findings: [Finding], clock: Finding?) {
    guard let app = account.storeApp else { return ([], nil) }
    let ticket: String
    switch readSecret(app.ticket) {
    case .success(let read): ticket = read
    case .failure(let problem):
      return (
        [
          .wrong(
            .accessToken, "app '\(account.name)' has no app ticket: \(problem.why)",
            fix: "let your backend write it: larkspur ticket --app \(account.name) -")
        ], nil
      )
    }
    var redaction = redaction
    redaction.know(ticket, from: .place(app.ticket))
    let request = FeishuWire.appToken(account, secret: secret, ticket: ticket)
    let reply = tokenReply(to: request, of: account, trust, &redaction, within: limit)
    let judging = TokenJudging(account: account, endpoint: .usual)
    guard case .answered(let raw) = reply.outcome,
      Verdict(of: reply.answer, from: .auth) == .delivered,
      let token = FeishuWire.accessToken(in: raw)
    else { return ([judging.refusal(reply.answer)], reply.clock) }
    return ([judging.given(token.lives)], reply.clock)
  }

  /// What came of a request for an access token.
  private struct TokenReply {
    let outcome: Outcome
    let answer: Answer
    let clock: Finding?
  }

  private func tokenReply(
    of account: AccountSettings, from endpoint: TokenEndpoint, _ secret: String, _ trust: Trust,
    _ redaction: inout Redaction, within limit: Span
  ) -> TokenReply {
    let request = FeishuWire.accessToken(
      from: endpoint, host: account.host, appID: account.appID, secret: secret)
    return tokenReply(to: request, of: account, trust, &redaction, within: limit)
  }

  private func tokenReply(
    to request: Request, of account: AccountSettings, _ trust: Trust,
    _ redaction: inout Redaction, within limit: Span
  ) -> TokenReply {
    var request = request
    request.trust = trust
    let sent = now()
    let outcome = network.send(request, limit)
    let received = now()
    if let token = FeishuWire.newSecret(in: outcome) {
      redaction.know(token, from: .login(account: 0))
    }
    return TokenReply(
      outcome: outcome, answer: FeishuWire.read(outcome, redaction, received: received),
      clock: ServerClock.finding(in: outcome, host: account.host, sent: sent, received: received))
  }

  private func scopes(
    of account: AccountSettings, _ trust: Trust, bearer: String, _ redaction: Redaction,
    within limit: Span
  ) -> Finding {
    var request = Request(
      .get, url: account.host + GrantedScopes.path, body: [], bearer: bearer)
    request.trust = trust
    let outcome = network.send(request, max(limit, .seconds(1)))
    return GrantedScopes(
      account: account, kinds: kinds[account.name] ?? [.preview]
    ).finding(in: outcome, FeishuWire.read(outcome, redaction, received: now()))
  }
}
