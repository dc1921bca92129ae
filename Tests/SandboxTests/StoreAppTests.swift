import Testing

@testable import Sandbox

/// Store apps: tickets, their own tokens, and those of their tenants.
struct StoreAppTests {
  private var feishu: Feishu

  init() {
    var settings = RuleSettings()
    settings.storeApps = ["cli_store": "shop"]
    settings.ticketInterval = 60 * second
    feishu = Feishu(settings)
  }

  private mutating func ask(_ what: String, _ body: String, at now: Microseconds) -> Judgement {
    feishu.judge(path: "/open-apis/auth/v3/\(what)", body: body, at: now)
  }

  private mutating func appToken(
    _ ticket: String?, secret: String = "shop", at now: Microseconds
  ) -> Judgement {
    ask(
      "app_access_token",
      #"{"app_id":"cli_store","app_secret":"\#(secret)","app_ticket":"\#(ticket ?? "")"}"#, at: now)
  }

  private mutating func tenantToken(
    _ appToken: String, _ tenant: String, at now: Microseconds
  ) -> Judgement {
    ask(
      "tenant_access_token", #"{"app_access_token":"\#(appToken)","tenant_key":"\#(tenant)"}"#,
      at: now)
  }

  private func text(_ key: String, in judgement: Judgement) -> String {
    let words = judgement.answer.body.split(separator: "\"")
    return words.firstIndex(of: key[...]).map { String(words[$0 + 2]) } ?? ""
  }

  /// The app's token, and its newest ticket.
  private mutating func signIn(at now: Microseconds = 0) -> String {
    let ticket = feishu.rules.pushTicket(at: now)?.ticket
    return text("app_access_token", in: appToken(ticket, at: now))
  }

  @Test mutating func `a ticket, an app token and a tenant's token lead to an accepted call`() {
    let app = signIn()
    #expect(app.hasPrefix("t-"))
    let judgement = tenantToken(app, "tenant1", at: 0)
    #expect(judgement.summary == "200 0 ok" && judgement.app == "cli_store/tenant1")
    let token = text("tenant_access_token", in: judgement)
    let call = feishu.update(["a"], as: token, at: 0)
    #expect(call.summary == "200 0 ok" && call.app == "cli_store/tenant1")
  }

  @Test mutating func `only the newest ticket is valid`() {
    let first = feishu.rules.pushTicket(at: 0)?.ticket
    #expect(feishu.rules.pushTicket(at: 60 * second - 1) == nil)
    #expect(feishu.rules.nextPush == 60 * second)
    let next = feishu.rules.pushTicket(at: 60 * second)?.ticket
    #expect(next != nil && next != first)
    #expect(appToken(first, at: 60 * second).summary == "400 10012 bad_ticket")
    #expect(appToken(next, at: 60 * second).summary == "200 0 ok")
  }

  @Test mutating func `a ticket that is asked for again comes soon`() {
    _ = feishu.rules.pushTicket(at: 0)
    let asked = ask(
      "app_ticket/resend", #"{"app_id":"cli_store","app_secret":"shop"}"#, at: second)
    #expect(asked.summary == "200 0 ok")
    #expect(feishu.rules.nextPush == 3 * second)
    let wrong = ask("app_ticket/resend", #"{"app_id":"cli_store","app_secret":"no"}"#, at: second)
    #expect(wrong.summary == "400 10014 bad_credentials")
  }

  @Test mutating func `a wrong secret, a wrong token and a body that is none are refused`() {
    _ = feishu.rules.pushTicket(at: 0)
    #expect(appToken("", secret: "no", at: 0).summary == "400 10014 bad_credentials")
    #expect(tenantToken("t-none", "tenant1", at: 0).summary == "400 99991664 bad_access_token")
    #expect(ask("app_access_token", "[]", at: 0).summary == "400 10003 invalid")
  }

  @Test mutating func `tenants that are not there, or have not installed the app, get no token`() {
    let app = signIn()
    #expect(tenantToken(app, "wrong1", at: 0).summary == "400 10005 invalid")
    #expect(tenantToken(app, "", at: 0).summary == "400 10005 invalid")
    #expect(tenantToken(app, "absent1", at: 0).summary == "400 20009 not_installed")
  }

  @Test mutating func `a tenant that removes the app is refused until it installs it again`() {
    let app = signIn()
    let token = text("tenant_access_token", in: tenantToken(app, "tenant1", at: 0))
    feishu.rules.set("tenant1", isInstalled: false)
    #expect(feishu.update(["a"], as: token, at: 0).summary == "400 99991673 not_installed")
    #expect(tenantToken(app, "tenant1", at: 0).summary == "400 20009 not_installed")
    #expect(tenantToken(app, "tenant2", at: 0).summary == "200 0 ok")
    feishu.rules.set("tenant1", isInstalled: true)
    #expect(feishu.update(["a"], as: token, at: 0).summary == "200 0 ok")
  }

  @Test mutating func `each tenant has its own limits and its own previews`() {
    let app = signIn()
    let tokens = ["one", "two"].map { text("tenant_access_token", in: tenantToken(app, $0, at: 0)) }
    for call in 0..<5 {
      #expect(feishu.update(["p\(call)"], as: tokens[0], at: 0).verdict == .ok)
      #expect(feishu.update(["p\(call)"], as: tokens[1], at: 0).verdict == .ok)
    }
    #expect(feishu.update(["q"], as: tokens[0], at: 0).verdict == .limited)
  }

  @Test mutating func `a store app has no sessions`() {
    let app = signIn()
    let token = text("tenant_access_token", in: tenantToken(app, "tenant1", at: 0))
    let judgement = feishu.judge(
      "PUT", path: Path.session("session_1"), authorization: "Bearer \(token)",
      body: #"{"metadata":"x"}"#)
    #expect(judgement.summary == "400 99991672 invalid")
  }
}
