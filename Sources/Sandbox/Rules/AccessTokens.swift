/// The access tokens that identify the app that makes a call.
struct AccessTokens {
  /// An app that asks again gets the same token while at least this much of its lifetime is left.
  static let reuse: Microseconds = 30 * 60 * 1_000_000

  private struct Grant {
    var token: String
    var app: String
    var expires: Microseconds
  }

  /// How its tokens look.
  enum Shape: Equatable {
    case short
    /// A JSON web token of so many bytes.
    case web(bytes: Int)
  }

  private let secrets: [String: String]
  private let shape: Shape
  private let lifetime: Microseconds
  /// Distinguishes the tokens of this run from those of an earlier one.
  private let instance: String
  private var issued = 0
  private var grants: [String: Grant] = [:]
  private var newest: [String: Grant] = [:]
  /// Oldest first. All tokens have the same lifetime, so they also expire in this order.
  private var order = Line<String>()

  init(
    secrets: [String: String], lifetime: Microseconds, instance: String, _ shape: Shape = .short
  ) {
    self.secrets = secrets
    self.shape = shape
    self.lifetime = lifetime
    self.instance = instance
  }

  func knows(app: String) -> Bool { secrets[app] != nil }

  /// A token for the app and the whole seconds it has left; nil if the secret is not the app's.
  mutating func issue(
    app: String, secret: String, at now: Microseconds
  ) -> (token: String, seconds: Int)? {
    guard let expected = secrets[app], expected == secret else { return nil }
    return issue(to: app, at: now)
  }

  /// A token for somebody who has shown a right to it.
  mutating func issue(
    to app: String, at now: Microseconds
  ) -> (token: String, seconds: Int) {
    forgetExpired(at: now)
    if let grant = newest[app], grant.expires - now >= Self.reuse {
      return (grant.token, (grant.expires - now) / 1_000_000)
    }
    issued += 1
    let grant = Grant(token: newToken(), app: app, expires: now + lifetime)
    grants[grant.token] = grant
    newest[app] = grant
    order.append(grant.token)
    return (grant.token, lifetime / 1_000_000)
  }

  private func newToken() -> String {
    let name = "\(instance)\(issued)"
    switch shape {
    case .short: return "t-" + name
    case .web(let bytes):
      // A header, and a payload and a signature that nobody reads.
      let start = "eyJhbGciOiJFUzI1NiJ9.\(name)."
      return start + String(repeating: "A", count: max(1, bytes - start.utf8.count))
    }
  }

  /// The app a token was given to, while the token is valid.
  func app(of token: String, at now: Microseconds) -> String? {
    guard let grant = grants[token], now < grant.expires else { return nil }
    return grant.app
  }

  private mutating func forgetExpired(at now: Microseconds) {
    while let token = order.first, grants[token].map({ $0.expires <= now }) ?? true {
      grants[token] = nil
      order.removeFirst()
    }
  }
}
