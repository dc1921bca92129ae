import Planning

/// What the configuration says of one account.
package struct AccountSettings: Equatable, Sendable {
  package var name: String
  package var host: String
  package var trust: Trust = .system
  package var appID: String
  package var secret: SecretSource
  /// Where a person's access token is, for the APIs that take one; nil to use the app's.
  package var userToken: SecretSource?
  /// Whether batches that wait for one card are sent together.
  package var joins = true
  package var packing: Packing = .exact
  /// Where they are not those of the kind.
  package var limits: [Kind: [Budget.Limit]] = [:]
  /// Calls in a calendar month, of all APIs that count; nil for no bound.
  package var monthlyQuota: Int?

  package init(name: String, host: String, appID: String, secret: SecretSource) {
    self.name = name
    self.host = host
    self.appID = appID
    self.secret = secret
  }

  package func limits(of kind: Kind) -> [Budget.Limit] {
    limits[kind] ?? kind.rules.limits
  }

  /// What it may do, for those who read the queue: by kind, limits as [calls, milliseconds]; and its own quota.
  package var allowance: String {
    var members = Kind.allCases.map { kind in
      (
        kind.rawValue,
        "[\(limits(of: kind).map { "[\($0.calls),\($0.span)]" }.joined(separator: ","))]"
      )
    }
    if let monthlyQuota { members.append(("monthly_quota", "\(monthlyQuota)")) }
    return JSONText.object(members)
  }
}

/// Where an app secret is. It is read when it is needed and kept nowhere.
package enum SecretSource: Hashable, Sendable {
  case environment(String)
  case file(String)
}
