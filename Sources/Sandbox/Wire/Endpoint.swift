/// What the sandbox answers on.
enum Endpoint: String, Hashable, CaseIterable {
  case accessToken = "token"
  case previews, cards, sessions

  var method: String { self == .sessions ? "PUT" : "POST" }

  /// What an app must have been granted; none is needed to log in.
  var scope: String? {
    switch self {
    case .accessToken: nil
    case .previews: "im:url_preview.update"
    case .cards: "cardkit:card:write"
    case .sessions: "aily:session:write"
    }
  }

  /// Bytes of a body; more are refused unread, for reading them would hold up everybody. A card's
  /// actions may have 1,000,000 characters, of which each may take six bytes: `\u00fc`.
  var bodyMax: Int { self == .cards ? 8 * 1_024 * 1_024 : Self.smallBody }
  static let smallBody = 64 * 1_024

  /// Whether a person's access token will do instead of the app's.
  var takesUserTokens: Bool { self == .sessions }
}

/// Where a request is going, as its path says.
struct Route: Equatable {
  var endpoint: Endpoint
  /// The card or the session that the path names.
  var id = ""

  init?(path: String) {
    let path = Self.withoutHost(path)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 6 where parts == ["", "open-apis", "auth", "v3", "tenant_access_token", "internal"]:
      endpoint = .accessToken
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
  /// A target may name the host as well, as it does for a proxy.
  private static func withoutHost(_ path: String) -> String {
    guard path.hasPrefix("http://") else { return path }
    return String(path.dropFirst(7).drop { $0 != "/" })
  }
}

/// `%2F` and its like as the bytes they stand for; what is no such thing stays as it is.
private func percentDecoded(_ text: String) -> String {
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
