import Foundation

/// A request as the server reads it.
struct Called {
  enum API: String { case auth, preview, card, session }

  /// What a call to `auth` is for.
  enum Login {
    /// The access token of an app that a tenant built for itself.
    case own
    /// That of a store app, and that of one of its tenants.
    case app, tenant
    /// The app ticket is to be pushed again.
    case resend
  }

  var account: String
  var api: API
  /// Nil for other APIs.
  var login: Login?
  var lanes: [String] = []
  /// Nil for everyone.
  var people: [String]?
  var body: String
  var fields: [String: Any]
  var bearer: String

  /// The host in the URL tells which account made the call.
  init?(method: String, url: String, body: [UInt8], bearer: String?) {
    guard let parts = Self.parts(of: url) else { return nil }
    account = parts.account
    self.body = String(decoding: body, as: UTF8.self)
    self.bearer = bearer ?? ""
    fields = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    switch (method, parts.path.count, parts.path.first, parts.path.last) {
    case ("POST", 4, "auth", "internal"): (api, login) = (.auth, .own)
    case ("POST", 3, "auth", "app_access_token"): (api, login) = (.auth, .app)
    case ("POST", 3, "auth", "tenant_access_token"): (api, login) = (.auth, .tenant)
    case ("POST", 4, "auth", "resend"): (api, login) = (.auth, .resend)
    case ("POST", 4, "im", "batch_update"):
      api = .preview
      lanes = fields["preview_tokens"] as? [String] ?? []
      people = fields["open_ids"] as? [String]
    case ("POST", 5, "cardkit", "batch_update"):
      api = .card
      lanes = [parts.path[3]]
    case ("PUT", 4, "aily", let name?):
      api = .session
      lanes = [name]
    default: return nil
    }
  }

  private static func parts(of url: String) -> (account: String, path: [String])? {
    let parts = url.split(separator: "/").map(String.init)
    guard parts.count > 3, parts[0] == "https:", parts[1].hasSuffix(".test"),
      parts[2] == "open-apis"
    else { return nil }
    return (String(parts[1].dropLast(".test".count)), Array(parts.dropFirst(3)))
  }
}

/// What the server sends back, and whether it has done what was asked.
struct Answered {
  var status: Int
  var headers: [String: String] = [:]
  var body: String
  var wasApplied = false

  var isSuccess: Bool { status == 200 && body.hasPrefix(#"{"code":0"#) && body.hasSuffix("}") }
}
extension Called {
  /// The elements that a card's batch deletes, in order.
  var elements: [String] {
    guard let actions = fields["actions"] as? String,
      let list = try? JSONSerialization.jsonObject(with: Data(actions.utf8)) as? [[String: Any]]
    else { return [] }
    return list.flatMap { ($0["params"] as? [String: Any])?["element_ids"] as? [String] ?? [] }
  }
}
