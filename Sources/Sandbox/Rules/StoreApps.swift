/// Store apps: their tickets, which change, their own tokens, and the tokens of their tenants. A tenant
/// has installed the app until it is said to have removed it.
struct StoreApps {
  /// One installation of an app.
  struct Tenant: Hashable {
    let app: String
    let key: String

    /// How it is called where apps are.
    var name: String { "\(app)/\(key)" }
  }

  /// A ticket that Feishu sends to the app.
  struct Pushed: Equatable {
    let app: String
    let ticket: String
  }

  private struct Schedule {
    var ticket: String?
    /// At first, at once.
    var next: Microseconds = 0
  }

  private let settings: RuleSettings
  private let instance: String
  private var schedules: [String: Schedule]
  private var pushes = 0
  private var appTokens: AccessTokens
  private var tenantTokens: AccessTokens
  private var tenants: [String: Tenant] = [:]
  private var removed: Set<String> = []

  init(_ settings: RuleSettings, instance: String) {
    self.settings = settings
    self.instance = instance
    schedules = settings.storeApps.mapValues { _ in Schedule() }
    let lifetime = settings.accessTokenLifetime
    appTokens = AccessTokens(
      secrets: settings.storeApps, lifetime: lifetime, instance: "app-\(instance)")
    tenantTokens = AccessTokens(secrets: [:], lifetime: lifetime, instance: "tenant-\(instance)")
  }

  /// When the next ticket is due; nil without store apps.
  var nextPush: Microseconds? { schedules.values.map(\.next).min() }

  /// A new ticket that is due. Only the newest is valid.
  mutating func push(at now: Microseconds) -> Pushed? {
    let due = schedules.filter { $0.value.next <= now }.keys.min()
    guard let app = due else { return nil }
    pushes += 1
    let ticket = "g-\(instance)\(pushes)"
    schedules[app] = Schedule(ticket: ticket, next: now + settings.ticketInterval)
    return Pushed(app: app, ticket: ticket)
  }

  mutating func set(_ tenant: String, isInstalled: Bool) {
    if isInstalled { removed.remove(tenant) } else { removed.insert(tenant) }
  }

  /// Whom a tenant's token was given to.
  func tenant(of token: String, at now: Microseconds) -> Tenant? {
    tenantTokens.app(of: token, at: now).flatMap { tenants[$0] }
  }

  func hasInstalled(_ tenant: Tenant) -> Bool { !removed.contains(tenant.key) }
}

/// What a store app asks for.
extension StoreApps {
  mutating func resend(
    _ asked: StoreRequest, _ request: Request, at now: Microseconds
  ) throws(Refusal) -> String {
    let app = try app(in: asked, request)
    let soon = now + settings.resendDelay
    if let next = schedules[app]?.next { schedules[app]?.next = min(next, soon) }
    return app
  }

  mutating func appToken(
    _ asked: StoreRequest, _ request: Request, at now: Microseconds
  ) throws(Refusal) -> (app: String, token: String, seconds: Int) {
    let app = try app(in: asked, request)
    guard let ticket = schedules[app]?.ticket, ticket == asked["app_ticket"] else {
      throw Refusal(.badTicket, request, code: 10_012, "app_ticket is invalid")
    }
    let issued = appTokens.issue(to: app, at: now)
    return (app, issued.token, issued.seconds)
  }

  mutating func tenantToken(
    _ asked: StoreRequest, _ request: Request, at now: Microseconds
  ) throws(Refusal) -> (tenant: Tenant, token: String, seconds: Int) {
    guard let app = appTokens.app(of: asked["app_access_token"], at: now) else {
      throw Refusal(
        .badAccessToken, request, code: 99_991_664, "app_access_token is invalid or has expired")
    }
    let key = asked["tenant_key"]
    if key.isEmpty || key.isMarked(by: settings.wrongTenantPrefix) {
      throw Refusal(.invalid, request, code: 10_005, "tenant_key is wrong")
    }
    let tenant = Tenant(app: app, key: key)
    if !hasInstalled(tenant) || key.isMarked(by: settings.absentTenantPrefix) {
      throw Refusal(.notInstalled, request, code: 20_009, "the tenant has not installed the app")
    }
    tenants[tenant.name] = tenant
    let issued = tenantTokens.issue(to: tenant.name, at: now)
    return (tenant, issued.token, issued.seconds)
  }

  private func app(
    in asked: StoreRequest, _ request: Request
  ) throws(Refusal) -> String {
    let app = asked["app_id"]
    guard let secret = settings.storeApps[app], secret == asked["app_secret"] else {
      throw Refusal(.badCredentials, request, code: 10_014, "app_id or app_secret is wrong")
    }
    return app
  }
}
