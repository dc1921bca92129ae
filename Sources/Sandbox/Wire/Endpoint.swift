/// The APIs that the sandbox answers.
enum Endpoint: String, Hashable, CaseIterable {
  case accessToken = "token"
  /// Access tokens by OAuth v3.
  case oauth
  /// What a store app needs: its own token, those of its tenants, and its ticket again.
  case appToken = "app_token"
  case tenantToken = "tenant_token"
  case ticket
  case previews, cards, sessions

  var method: String { self == .sessions ? "PUT" : "POST" }

  /// The scope an app must have been granted; none is needed to log in.
  var scope: String? {
    switch self {
    case .accessToken, .oauth, .appToken, .tenantToken, .ticket: nil
    case .previews: "im:url_preview.update"
    case .cards: "cardkit:card:write"
    case .sessions: "aily:session:write"
    }
  }

  /// The most bytes a body may have. A larger one is refused without being parsed, because that
  /// would delay every other call. A card's actions may have 1,000,000 characters, and each may
  /// take six bytes: `\u00fc`.
  var bodyMax: Int { self == .cards ? 8 * 1_024 * 1_024 : Self.smallBody }
  static let smallBody = 64 * 1_024

  var givesAccessTokens: Bool {
    switch self {
    case .accessToken, .oauth, .appToken, .tenantToken: true
    case .ticket, .previews, .cards, .sessions: false
    }
  }

  /// Whether a user's access token is accepted as well as the app's.
  var takesUserTokens: Bool { self == .sessions }
}

/// The API a request is for, and its card or session, read from the path.
struct Route: Equatable {
  var endpoint: Endpoint
  /// The card or the session in the path.
  var id = ""

  init?(path: String) {
    let path = Self.withoutHost(path)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 6 where parts == ["", "open-apis", "auth", "v3", "tenant_access_token", "internal"]:
      endpoint = .accessToken
    case 4 where parts == ["", "oauth", "v3", "token"]: endpoint = .oauth
    case 5 where parts == ["", "open-apis", "auth", "v3", "app_access_token"]: endpoint = .appToken
    case 5 where parts == ["", "open-apis", "auth", "v3", "tenant_access_token"]:
      endpoint = .tenantToken
    case 6 where parts == ["", "open-apis", "auth", "v3", "app_ticket", "resend"]:
      endpoint = .ticket
    case 6 where parts == ["", "open-apis", "im", "v2", "url_previews", "batch_update"]:
      endpoint = .previews
    case 7
    where parts[..<5] == ["", "open-apis", "cardkit", "v1", "cards"]
      && parts[6] == "batch_update" && !parts[5].isEmpty:
      endpoint = .cards
      id = percentDecoded(parts[5])
    case 6 where parts[..<5] == ["", "open-apis", "aily", "v1", "sessions"] && !parts[5].isEmpty:
      endpoint = .sessions
      id = percentDecoded(parts[5])
    default: return nil
    }
  }
}

extension Route {
  /// Removes the host, which a request target may contain, as it does for a proxy.
  private static func withoutHost(_ path: String) -> String {
    guard path.hasPrefix("http://") else { return path }
    return String(path.dropFirst(7).drop { $0 != "/" })
  }
}

/// Decodes `%2F` and the like into the bytes they stand for, and leaves anything else unchanged.
func percentDecoded(_ text: String) -> String {
  var decoded: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    let digits = String(decoding: rest.prefix(2), as: UTF8.self)
    if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
      let value = UInt8(digits, radix: 16)
    {
      decoded.append(value)
      rest = rest.dropFirst(2)
    } else {
      decoded.append(byte)
    }
  }
  return String(decoding: decoded, as: UTF8.self)
}
