import Delivery
import Foundation

/// Feishu's rules for the tokens of a store app, written from the documentation alone.
final class SimulatedStore {
  /// The ticket that is valid, and those that were pushed to the app's backend before.
  var ticket = "ticket-1"
  /// Tenants that have not installed the app.
  var absent: Set<String> = []
  var secret = "s3cret"
  var lives_ms = 7_200_000
  private(set) var appRequests: [Int] = []
  private(set) var tenantRequests: [(tenant: String, at: Int)] = []
  private(set) var resends: [Int] = []
  /// What else the program sends along with these requests, which the documentation does not name.
  private(set) var surplus: Set<String> = []
  /// Called when Feishu is asked to push the ticket.
  var onResend: () -> Void = {}

  private typealias Token = (value: String, expires: Int)
  private var app: Token?
  private var tenants: [String: Token] = [:]
  /// Whose each token is, until when. One that was replaced stays valid until its end.
  private var valid: [String: (tenant: String, expires: Int)] = [:]
  private var given = 0

  /// Nil for other paths.
  func respond(to request: Request, at now: Int) -> Outcome? {
    guard let name = request.url.split(separator: "/auth/v3/").last.map(String.init),
      ["app_access_token", "tenant_access_token", "app_ticket/resend"].contains(name)
    else { return nil }
    let fields =
      (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: String] ?? [:]
    switch name {
    case "app_access_token":
      appRequests.append(now)
      note(fields, known: ["app_id", "app_secret", "app_ticket"])
      if fields["app_secret"] != secret { return error(10_014, "app secret invalid") }
      if fields["app_ticket"] != ticket { return error(10_012, "app_ticket invalid") }
      let token = renewed(app, "a", at: now)
      app = token
      return given("app_access_token", token, at: now)
    case "tenant_access_token":
      let tenant = fields["tenant_key"] ?? ""
      tenantRequests.append((tenant, now))
      note(fields, known: ["app_access_token", "tenant_key"])
      guard let app, app.expires > now, fields["app_access_token"] == app.value else {
        return error(99_991_664, "invalid app access token")
      }
      if absent.contains(tenant) { return error(20_009, "app is not installed") }
      let token = renewed(tenants[tenant], "t-\(tenant)", at: now)
      tenants[tenant] = token
      valid[token.value] = (tenant, token.expires)
      return given("tenant_access_token", token, at: now)
    default:
      resends.append(now)
      note(fields, known: ["app_id", "app_secret"])
      onResend()
      return .answered(RawAnswer(status: 200, body: Array(#"{"code":0,"msg":"ok"}"#.utf8)))
    }
  }

  func tenant(of bearer: String, at now: Int) -> String? {
    valid[bearer].flatMap { $0.expires > now ? $0.tenant : nil }
  }

  func revokeAppToken() { app = nil }

  private func renewed(_ token: Token?, _ prefix: String, at now: Int) -> Token {
    if let token, token.expires - now > 1_800_000 { return token }
    given += 1
    return ("\(prefix)-\(given)", now + lives_ms)
  }

  private func note(_ fields: [String: String], known: Set<String>) {
    surplus.formUnion(Set(fields.keys).subtracting(known))
  }

  private func given(_ name: String, _ token: Token, at now: Int) -> Outcome {
    .answered(
      RawAnswer(
        status: 200,
        body: Array(
          #"{"code":0,"msg":"ok","\#(name)":"\#(token.value)","expire":\#((token.expires - now) / 1_000)}"#
            .utf8)))
  }

  private func error(_ code: Int, _ message: String) -> Outcome {
    .answered(
      RawAnswer(status: 400, body: Array(#"{"code":\#(code),"msg":"\#(message)"}"#.utf8)))
  }
}
