/// What Feishu checks before every API: who is calling, whether they may, and how often.
struct Gateway {
  private struct Counter: Hashable {
    var endpoint: Endpoint
    var app: String
  }

  private let settings: RuleSettings
  private let forced: ForcedAnswer
  private var accessTokens: AccessTokens
  private var oauthTokens: AccessTokens
  var store: StoreApps
  private var budgets: [Counter: CallBudget] = [:]

  init(_ settings: RuleSettings, forced: ForcedAnswer, instance: String) {
    self.settings = settings
    self.forced = forced
    accessTokens = AccessTokens(
      secrets: settings.apps, lifetime: settings.accessTokenLifetime, instance: instance)
    oauthTokens = AccessTokens(
      secrets: settings.apps, lifetime: settings.accessTokenLifetime, instance: instance,
      .web(bytes: settings.oauthTokenSize))
    store = StoreApps(settings, instance: instance)
  }

  /// The tokens and the ticket of a store app.
  mutating func answerStoreApp(
    _ request: Request, _ endpoint: Endpoint, at now: Microseconds, _ judgement: inout Judgement
  ) throws(Refusal) {
    guard case .store(let asked?) = judgement.asked else {
      throw Refusal(.invalid, request, code: 10_003, "invalid param")
    }
    let ok = JSONText.string("ok")
    // These answers are flat, too.
    switch endpoint {
    case .appToken:
      let issued = try store.appToken(asked, request, at: now)
      judgement.app = issued.app
      judgement.answer.body = JSONText.object([
        "code": "0", "msg": ok, "app_access_token": JSONText.string(issued.token),
        "expire": String(issued.seconds),
      ])
    case .tenantToken:
      let issued = try store.tenantToken(asked, request, at: now)
      judgement.app = issued.tenant.name
      judgement.answer.body = JSONText.object([
        "code": "0", "msg": ok, "tenant_access_token": JSONText.string(issued.token),
        "expire": String(issued.seconds),
      ])
    default:
      judgement.app = try store.resend(asked, request, at: now)
      judgement.answer.body = JSONText.object(["code": "0", "msg": ok])
    }
    judgement.applied = true
  }

  mutating func issueAccessToken(
    _ request: Request, at now: Microseconds, _ judgement: inout Judgement
  ) throws(Refusal) {
    guard let credentials = Credentials(body: request.body) else {
      throw Refusal(.invalid, request, code: 10_003, "invalid param")
    }
    guard
      let issued = accessTokens.issue(app: credentials.app, secret: credentials.secret, at: now)
    else {
      throw Refusal(.badCredentials, request, code: 10_014, "app_id or app_secret is wrong")
    }
    judgement.app = credentials.app
    judgement.applied = true
    // The answer of this endpoint is flat, unlike every other.
    judgement.answer.body = JSONText.object([
      "code": "0", "msg": JSONText.string("ok"),
      "tenant_access_token": JSONText.string(issued.token), "expire": String(issued.seconds),
    ])
  }

  /// Not documented by Feishu is what it answers to a wrong grant type.
  mutating func issueOAuthToken(
    _ request: Request, _ fault: Fault?, at now: Microseconds, _ judgement: inout Judgement
  ) throws(Refusal) {
    if fault == .refuse {
      throw Refusal(
        .fault, request, status: forced.status, code: forced.code, "refused by --refuse",
        fault: fault)
    }
    guard case .oauth(let credentials?) = judgement.asked,
      credentials.grantType == "client_credentials"
    else {
      throw Refusal.oauth(.invalid, request, code: 99_992_402, "invalid_request")
    }
    if credentials.isTwice {
      throw Refusal.oauth(.invalid, request, code: 20_070, "invalid_request")
    }
    guard oauthTokens.knows(app: credentials.app) else {
      throw Refusal.oauth(.badCredentials, request, code: 20_048, "invalid_client")
    }
    guard
      let issued = oauthTokens.issue(app: credentials.app, secret: credentials.secret, at: now)
    else {
      throw Refusal.oauth(.badCredentials, request, code: 20_002, "invalid_client")
    }
    judgement.app = credentials.app
    try count(request, Counter(endpoint: .oauth, app: credentials.app), at: now)
    judgement.applied = true
    judgement.answer.body = JSONText.object([
      "code": "0", "access_token": JSONText.string(issued.token),
      "expires_in": String(issued.seconds), "token_type": JSONText.string("Bearer"),
    ])
  }

  /// Admits a call to its API and returns the app that makes it, or refuses the call.
  mutating func admit(
    _ request: Request, to endpoint: Endpoint, _ fault: Fault?, at now: Microseconds,
    _ judgement: inout Judgement
  ) throws(Refusal) -> String {
    let app = try authorize(request, for: endpoint, at: now)
    judgement.app = app
    try refuse(request, to: endpoint, by: fault)
    // Calls that fail after this point count too.
    try count(request, Counter(endpoint: endpoint, app: app), at: now)
    try interrupt(by: fault)
    return app
  }

  /// Faults on the way in: the call never reaches its API.
  func interrupt(by fault: Fault?) throws(Refusal) {
    switch fault {
    case .dropBefore:
      let nothing = Answer(status: 0, code: nil, body: "")
      throw Refusal(verdict: .fault, answer: nothing, fault: fault, isSilent: true)
    case .fail5xx:
      throw Refusal(verdict: .fault, answer: .page(502, "Bad Gateway"), fault: fault)
    case .html:
      throw Refusal(verdict: .fault, answer: .page(200, "Sign in to this network"), fault: fault)
    default: return
    }
  }

  /// Whether the call's access token would be accepted.
  func knows(_ request: Request, for endpoint: Endpoint, at now: Microseconds) -> Bool {
    (try? authorize(request, for: endpoint, at: now)) != nil
  }

  private func authorize(
    _ request: Request, for endpoint: Endpoint, at now: Microseconds
  ) throws(Refusal) -> String {
    guard let token = request.accessToken else {
      throw Refusal(
        .noAccessToken, request, code: 99_991_661,
        "Missing access token for authorization: send 'Authorization: Bearer t-…'")
    }
    if let app = accessTokens.app(of: token, at: now) ?? oauthTokens.app(of: token, at: now) {
      return app
    }
    if token.hasPrefix("u-"), endpoint.takesUserTokens, let app = settings.userTokens[token] {
      return app
    }
    if let tenant = store.tenant(of: token, at: now) {
      try check(tenant, request, endpoint)
      return tenant.name
    }
    throw Self.invalidAccessToken(request, for: endpoint)
  }

  private func check(
    _ tenant: StoreApps.Tenant, _ request: Request, _ endpoint: Endpoint
  ) throws(Refusal) {
    if !store.hasInstalled(tenant) {
      throw Refusal(
        .notInstalled, request, code: 99_991_673, "the app is unavailable in the tenant")
    }
    if endpoint == .sessions {
      throw Refusal(
        .invalid, request, code: 99_991_672,
        "Access denied: store apps have no access to Aily sessions")
    }
  }

  /// Faults that turn away a call with a valid token.
  private func refuse(
    _ request: Request, to endpoint: Endpoint, by fault: Fault?
  ) throws(Refusal) {
    switch fault {
    case .rejectToken: throw Self.invalidAccessToken(request, for: endpoint, fault)
    case .missingScope:
      throw Refusal(
        .fault, request, code: 99_991_672,
        "Access denied. One of the following scopes is required: [\(endpoint.scope ?? "")]",
        fault: fault)
    case .quota:
      throw Refusal(
        .fault, request, status: 429, code: 99_991_403,
        "This month's API call quota has been exceeded", fault: fault)
    case .limit:
      let pace = settings.pace(of: endpoint)
      throw limited(request, CallBudget.Refusal(calls: pace.perSecond, wait: 1_000_000), fault)
    case .refuse:
      throw Refusal(
        .fault, request, status: forced.status, code: forced.code, "refused by --refuse",
        fault: fault)
    default: return
    }
  }

  private mutating func count(
    _ request: Request, _ counter: Counter, at now: Microseconds
  ) throws(Refusal) {
    let fresh = CallBudget(settings.pace(of: counter.endpoint), settings.limiting)
    if let refusal = budgets[counter, default: fresh].admit(at: now) {
      throw limited(request, refusal)
    }
  }

  private func limited(
    _ request: Request, _ refusal: CallBudget.Refusal, _ fault: Fault? = nil
  ) -> Refusal {
    let seconds = (refusal.wait + 999_999) / 1_000_000
    return Refusal(
      fault == nil ? .limited : .fault, request, status: settings.limiting.status,
      code: 99_991_400, "request trigger frequency limit",
      headers: settings.limiting.hasHeaders
        ? [
          "x-ogw-ratelimit-limit": String(refusal.calls),
          "x-ogw-ratelimit-reset": String(seconds),
        ] : [:],
      fault: fault)
  }

  /// The refusal of a bad access token, worded for its kind.
  private static func invalidAccessToken(
    _ request: Request, for endpoint: Endpoint, _ fault: Fault? = nil
  ) -> Refusal {
    let token = request.accessToken ?? ""
    let (code, message) =
      if token.hasPrefix("u-") {
        (
          99_991_668,
          endpoint.takesUserTokens
            ? "Invalid access token for authorization." : "user access token not support"
        )
      } else if token.hasPrefix("t-") {
        (99_991_663, "Invalid access token for authorization.")
      } else {
        (99_991_671, "Invalid access token: it must start with t- or u-.")
      }
    return Refusal(
      fault == nil ? .badAccessToken : .fault, request, code: code, message, fault: fault)
  }
}
