import Delivery
import Planning
import Terminal

/// What the answer to a request for an access token means for an account.
struct TokenJudging {
  let account: AccountSettings
  let endpoint: TokenEndpoint

  private var what: String { "account '\(account.name)'" }

  func given(_ lives: Span) -> Finding {
    .fine(.accessToken, "\(what): Feishu gave an access token for \(describeDuration(lives))")
  }

  /// The endpoint gives no tokens, and the worker asks the other.
  func failure(_ answer: Answer) -> Finding {
    .warn(
      .accessToken,
      "\(what): the token endpoint \(endpoint.rawValue) fails (\(answer.summary)); the usual one is "
        + "asked in its place",
      fix: "leave \"token_endpoint\" out of the configuration if this lasts")
  }

  func refusal(_ answer: Answer) -> Finding {
    let summary = "\(what) got no access token: \(answer.summary)"
    let verdict = Verdict(of: answer, from: .auth)
    if verdict == .ticketRefused, account.storeApp != nil {
      return .wrong(
        .accessToken, "\(summary); the app ticket was refused",
        fix: "the worker asks Feishu for another one, which reaches your backend within minutes; "
          + "see that it is written to \"app_ticket_file\"")
    }
    switch verdict.consequenceOfTokenRequest(answer) {
    case .parked(.credentials), .appTokenRefused, .userTokenRefused:
      return .wrong(
        .accessToken, summary,
        fix: "check app_id (\(account.appID)) and the secret against the developer console")
    case .parked(.permission):
      let page = Console.scopes(host: account.host, appID: account.appID)
      return .wrong(.scope, summary, fix: "grant what is missing: \(page)")
    case .parked(.address), .hostForeign:
      return .wrong(
        .host, "\(account.host) does not answer like Feishu: \(answer.summary)",
        fix: "check the host of \(what) in the configuration, and the proxy")
    case .hostUnreachable:
      return .wrong(.connection, summary, fix: "check the network: curl -v \(account.host)")
    case .none, .quotaSpent:
      return .unknown(.accessToken, summary, fix: "run this again in a minute")
    }
  }
}

/// Which scopes Feishu has granted an app. Asking needs no scope.
struct GrantedScopes {
  static let path = "/open-apis/application/v6/scopes"

  let account: AccountSettings
  let kinds: Set<Kind>

  func finding(in outcome: Outcome, _ answer: Answer) -> Finding {
    let what = "account '\(account.name)'"
    guard case .answered(let raw) = outcome, Verdict(of: answer, from: .auth) == .delivered,
      case .list(let scopes)? = JSON(raw.body)?["data"]?["scopes"]
    else {
      return .unknown(
        .scope, "\(what): the scopes of the app cannot be listed: \(answer.summary)",
        fix: "see them in the developer console: \(page)")
    }
    let granted = Set(
      scopes.filter { $0["grant_status"]?.int == 1 }.compactMap { $0["scope_name"]?.string })
    let needed = Kind.allCases.filter { kinds.contains($0) }.map(Self.scope)
    let missing = needed.filter { !granted.contains($0) }
    if missing.isEmpty {
      return .fine(.scope, "\(what) has \(needed.joined(separator: ", "))")
    }
    return .wrong(
      .scope, "\(what) lacks the scope \(missing.joined(separator: ", "))",
      fix: "grant it in the developer console and release a version: \(page)")
  }

  private var page: String { Console.scopes(host: account.host, appID: account.appID) }

  private static func scope(of kind: Kind) -> String {
    switch kind {
    case .preview: "im:url_preview.update"
    case .card: "cardkit:card:write"
    case .session: "aily:session:write"
    }
  }
}

/// The machine's clock against that of a server.
enum ServerClock {
  /// Nil if there was no answer.
  static func finding(
    in outcome: Outcome, host: String, sent: WallMoment, received: WallMoment
  ) -> Finding? {
    guard case .answered(let raw) = outcome else { return nil }
    guard let date = raw.headers["date"].flatMap(HTTPDate.moment) else {
      return .unknown(.serverClock, "\(host) does not say what time it is")
    }
    // The header has whole seconds, and was written at some moment in between.
    let ahead = max(sent - (date + 1_000), 0) - max(date - received, 0)
    if abs(ahead) <= most { return .fine(.serverClock, "the clock agrees with that of \(host)") }
    return .warn(
      .serverClock,
      "the clock is \(describeDuration(abs(ahead))) \(ahead > 0 ? "ahead of" : "behind") that of "
        + host,
      fix: "set it: timedatectl set-ntp true")
  }

  private static let most: Span = .seconds(30)
}
