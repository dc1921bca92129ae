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
        let why = if case .connected = reach { "there was no time left" } else { "no connection" }
        tell(
          .unknown(
            .accessToken, "account '\(account.name)' was not tried: \(why)",
            fix: Self.again(account)))
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
    let judging = TokenJudging(account: account)
    var request = FeishuWire.accessToken(host: account.host, appID: account.appID, secret: secret)
    request.trust = trust
    let sent = now()
    let outcome = network.send(request, limit)
    let received = now()
    let clock = ServerClock.finding(in: outcome, host: account.host, sent: sent, received: received)
    if let token = FeishuWire.newSecret(in: outcome) {
      redaction.know(token, from: .login(account: 0))
    }
    let answer = FeishuWire.read(outcome, redaction, received: received)
    guard case .answered(let raw) = outcome, let token = FeishuWire.accessToken(in: raw),
      Verdict(of: answer, from: .auth) == .delivered
    else { return ([judging.refusal(answer)], clock) }
    let given = judging.given(token.lives)
    let scopes = scopes(
      of: account, trust, bearer: token.value, redaction, within: limit - (received - sent))
    return ([given, scopes], clock)
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
