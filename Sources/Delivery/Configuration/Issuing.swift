import Planning

/// How an account gets the access tokens for its calls.
package enum Issuing: Equatable, Sendable {
  /// It is an app that a tenant has built for itself.
  case ownApp(TokenEndpoint)
  /// It is a store app. It makes no calls of its own, but gets the tokens of its tenants.
  case storeApp(StoreApp)
  /// It is a tenant of the store app of this name.
  case tenant(key: String, app: String)
}

extension Issuing {
  func isSameKind(as other: Issuing) -> Bool {
    switch (self, other) {
    case (.ownApp, .ownApp), (.storeApp, .storeApp): true
    // Another tenant's token must never be used.
    case (.tenant(let key, let app), .tenant(let otherKey, let otherApp)):
      key == otherKey && app == otherApp
    default: false
    }
  }
}

extension Issuing {
  /// Why an account can have no lanes of this kind. It may have some from before it became a store app or one's
  /// tenant.
  func problem(with kind: Kind) -> UnusableAsk? {
    switch self {
    case .ownApp: nil
    case .storeApp: .ofStoreApp
    case .tenant: kind.rules.isForStoreApps ? nil : .sessionOfTenant
    }
  }
}

/// What is configured for a store app, beyond what all its tenants have in common.
package struct StoreApp: Equatable, Sendable {
  /// Where the app ticket is that Feishu last pushed to the app's own backend.
  package var ticket: SecretSource
  /// The settings of tenants that differ from the app's, by tenant key.
  package var exceptions: [String: AccountSettings] = [:]

  package init(ticket: SecretSource) { self.ticket = ticket }
}

extension AccountSettings {
  package var storeApp: StoreApp? { if case .storeApp(let app) = issuing { app } else { nil } }

  /// Whether it is a tenant of a store app.
  package var isTenant: Bool { if case .tenant = issuing { true } else { false } }

  /// A self-built app's; nil for others.
  package var tokenEndpoint: TokenEndpoint? {
    if case .ownApp(let endpoint) = issuing { endpoint } else { nil }
  }

  /// Changes what all tenants of a store app have in common in those that are exceptions, too.
  package mutating func changeExceptions(_ change: (inout AccountSettings) -> Void) {
    guard case .storeApp(var app) = issuing else { return }
    for key in app.exceptions.keys.sorted() {
      guard var tenant = app.exceptions[key] else { continue }
      change(&tenant)
      app.exceptions[key] = tenant
    }
    issuing = .storeApp(app)
  }

  /// The settings of one of this store app's tenants.
  package func ofTenant(_ key: String) -> AccountSettings {
    if let exception = storeApp?.exceptions[key] { return exception }
    var tenant = self
    tenant.name = TenantName(app: name, key: key).text
    tenant.issuing = .tenant(key: key, app: name)
    return tenant
  }
}

/// The name of the account of a store app's tenant: `acme.2ed263bf32cf1651`.
package struct TenantName: Hashable, Sendable {
  package let app: String
  package let key: String

  package init(app: String, key: String) {
    self.app = app
    self.key = key
  }

  /// Nil if the name has no dot. Names of store apps have none.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    self.init(app: String(parts[0]), key: String(parts[1]))
  }

  package var text: String { "\(app).\(key)" }
}
