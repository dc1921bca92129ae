import Larkspur
import Planning

/// The configuration of one account.
package struct AccountSettings: Equatable, Sendable {
  package var name: String
  package var host: String
  package var trust: Trust = .system
  package var appID: String
  package var secret: SecretSource
  package var issuing: Issuing = .ownApp(.usual)
  /// Where the user access token is, for the APIs that accept one; nil to use the app's token.
  package var userToken: SecretSource?
  /// Whether batches that wait for the same card are sent together.
  package var joins = true
  package var packing: Packing = .exact
  /// Limits that replace the default limits of a kind.
  package var limits: [Kind: [Budget.Limit]] = [:]
  /// Calls per calendar month, over all APIs that count; nil for no limit.
  package var monthlyQuota: Int?
  /// How many of these calls, the last of the month, are kept for urgent asks.
  package var quotaReserve = 0
  package var sightings = SightingLimits()

  package init(name: String, host: String, appID: String, secret: SecretSource) {
    self.name = name
    self.host = host
    self.appID = appID
    self.secret = secret
  }

  package func limits(of kind: Kind) -> [Budget.Limit] {
    limits[kind] ?? kind.rules.limits
  }

  /// What decides its calls, as JSON, for programs that read the queue. Limits are listed by kind as
  /// [calls, milliseconds]. Members that have their default value are left out.
  package var allowance: String {
    var members = Kind.allCases.map { kind in
      (
        kind.rawValue,
        "[\(limits(of: kind).map { "[\($0.calls),\($0.span)]" }.joined(separator: ","))]"
      )
    }
    if let monthlyQuota { members.append(("monthly_quota", "\(monthlyQuota)")) }
    if quotaReserve > 0 { members.append(("quota_reserve", "\(quotaReserve)")) }
    if case .cover(let extraPairsMax) = packing {
      members.append(("cover_extra_pairs", "\(extraPairsMax)"))
    }
    if !joins { members.append(("join", "false")) }
    switch issuing {
    case .ownApp: break
    case .storeApp: members.append(("store_app", "true"))
    case .tenant(_, let app): members.append(("app", JSONText.string(app)))
    }
    if userToken != nil { members.append(("user_token", "true")) }
    let usual = SightingLimits()
    for (name, value, usual) in [
      ("sightings_days", sightings.days, usual.days),
      ("previews_per_key", sightings.previewsPerKey, usual.previewsPerKey),
      ("viewers_most", sightings.viewersMost, usual.viewersMost),
    ] where value != usual {
      members.append((name, "\(value)"))
    }
    return JSONText.object(members)
  }
}

extension AccountSettings {
  /// As far as the queue knows it, for a loop that runs ahead and talks to nobody.
  init(_ stored: StoredAccount) {
    self.init(
      name: stored.name, host: "https://\(stored.name).invalid", appID: "", secret: .environment("")
    )
    for (kind, limits) in stored.limits {
      let usual = kind.rules.limits
      // Limits are recorded without their bursts.
      let isUsual = usual.map { [$0.calls, $0.span] } == limits.map { [$0.calls, $0.span] }
      self.limits[kind] = isUsual ? usual : limits
    }
    monthlyQuota = stored.monthlyQuota
    quotaReserve = stored.quotaReserve
    packing = stored.packing
    joins = stored.joins
    sightings = stored.sightings
    if stored.hasUserToken { userToken = .environment("") }
  }
}

/// Which app an account is, and where its secret is.
package struct CredentialsPlace: Equatable, Sendable {
  package let appID: String
  package let secret: SecretSource
}

extension AccountSettings {
  package var credentialsPlace: CredentialsPlace { CredentialsPlace(appID: appID, secret: secret) }
}

/// Where an app secret or a user access token is. The settings never hold the secret itself; it is
/// read when it is needed.
package enum SecretSource: Hashable, Sendable {
  case environment(String)
  case file(String)
}
