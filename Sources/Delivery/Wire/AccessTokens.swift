import Planning
import Terminal

/// Requests for access tokens, and the answers.
extension FeishuWire {
  package static func accessToken(
    from endpoint: TokenEndpoint, host: String, appID: String, secret: String
  ) -> Request {
    switch endpoint {
    case .usual:
      Request(
        url: host + "/open-apis/auth/v3/tenant_access_token/internal",
        body: Array(
          JSONText.object(["app_id": .text(appID), "app_secret": .text(secret)]).utf8))
    case .v3:
      Request(
        url: loginHost(of: host) + "/oauth/v3/token",
        body: form([
          ("grant_type", "client_credentials"), ("client_id", appID), ("client_secret", secret),
        ]),
        content: .form)
    }
  }

  /// The access token of a store app, which stands for no tenant.
  package static func appToken(_ settings: AccountSettings, secret: String, ticket: String)
    -> Request
  {
    Request(
      url: settings.host + "/open-apis/auth/v3/app_access_token",
      body: Array(
        JSONText.object([
          "app_id": .text(settings.appID), "app_secret": .text(secret), "app_ticket": .text(ticket),
        ]).utf8))
  }

  /// The access token of one of a store app's tenants. Unlike the official clients, it does not send
  /// the app's secret along.
  package static func tenantToken(host: String, appToken: String, tenant: String) -> Request {
    Request(
      url: host + "/open-apis/auth/v3/tenant_access_token",
      body: Array(
        JSONText.object(["app_access_token": .text(appToken), "tenant_key": .text(tenant)]).utf8))
  }

  /// Asks Feishu to push the app ticket again.
  package static func ticketAgain(_ settings: AccountSettings, secret: String) -> Request {
    Request(
      url: settings.host + "/open-apis/auth/v3/app_ticket/resend",
      body: Array(
        JSONText.object(["app_id": .text(settings.appID), "app_secret": .text(secret)]).utf8))
  }

  /// Feishu and Lark answer OAuth at accounts.… and all other APIs at open.… of the same domain. Any
  /// other host, such as a sandbox, answers both.
  package static func loginHost(of host: String) -> String {
    let scheme = "https://"
    let open = scheme + "open."
    guard host.hasPrefix(open) else { return host }
    return scheme + "accounts." + host.dropFirst(open.count)
  }

  /// `a=1&b=2`. All but letters, digits and four signs is escaped.
  private static func form(_ fields: [(String, String)]) -> [UInt8] {
    Array(fields.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&").utf8)
  }

  private static func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        String(UnicodeScalar(byte))
      default: "%" + hexadecimal(UInt64(byte), digits: 2).uppercased()
      }
    }.joined()
  }

  /// The access token in an answer to a request for one, whatever else the answer says.
  package static func newSecret(in outcome: Outcome) -> String? {
    guard case .answered(let raw) = outcome else { return nil }
    return JSON(raw.body).flatMap { token(in: $0) }
  }

  /// The access token in an answer, and how long it lives.
  package static func accessToken(in answer: RawAnswer) -> (value: String, lives: Span)? {
    guard let body = JSON(answer.body), let value = token(in: body), isWord(value),
      let seconds = (body["expire"] ?? body["expires_in"])?.int, seconds > 0
    else { return nil }
    return (value, min(.seconds(min(seconds, 86_400)), Limits.accessTokenLife))
  }

  private static func token(in body: JSON) -> String? {
    (body["tenant_access_token"] ?? body["app_access_token"] ?? body["access_token"])?.string
  }

  /// Whether the text can be part of a header line: anything but visible ASCII would break the
  /// line.
  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
