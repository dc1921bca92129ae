import Planning

/// What happens to one account when the configuration is reloaded.
package enum AccountChange: Equatable, Sendable {
  case added(AccountSettings)
  /// With its new settings.
  case changed(AccountSettings)
  case removed(name: String)

  /// The differences between two configurations. Accounts are matched by name.
  package static func all(
    from old: [AccountSettings], to new: [AccountSettings]
  ) -> [AccountChange] {
    let before = Dictionary(old.map { ($0.name, $0) }) { $1 }
    let names = Set(new.map(\.name))
    let removed = old.filter { !names.contains($0.name) }.map { Self.removed(name: $0.name) }
    return removed
      + new.compactMap { settings in
        switch before[settings.name] {
        case nil: .added(settings)
        // A default that is now written down is no change.
        case let old? where SettingsDifference(from: old, to: settings).settings.isEmpty: nil
        case _?: .changed(settings)
        }
      }
  }
}

/// A setting of an account, named as in the configuration.
package enum Setting: String, CaseIterable, Sendable {
  case host
  case trust = "ca_file"
  case app = "app_id"
  case secret = "app_secret"
  case tokenEndpoint = "token_endpoint"
  case ticket = "app_ticket_file"
  case tenants
  case userToken = "user_access_token_file"
  case perSecond = "calls_per_second"
  case perMinute = "calls_per_minute"
  case quota = "monthly_quota"
  case reserve = "quota_reserve"
  case packing
  case joins = "join"
  case sightingsDays = "sightings_days"
  case previewsPerKey = "previews_per_key"
  case viewersMost = "viewers_most"

  private func isSame(_ old: AccountSettings, _ new: AccountSettings) -> Bool {
    switch self {
    case .host: old.host == new.host
    case .trust: old.trust == new.trust
    case .app: old.appID == new.appID && old.issuing.isSameKind(as: new.issuing)
    case .secret: old.secret == new.secret
    case .tokenEndpoint: old.tokenEndpoint == new.tokenEndpoint
    case .ticket: old.storeApp?.ticket == new.storeApp?.ticket
    case .tenants: old.storeApp?.exceptions == new.storeApp?.exceptions
    case .userToken: old.userToken == new.userToken
    case .perSecond: old.limits(of: .preview).first == new.limits(of: .preview).first
    case .perMinute: old.limits(of: .preview).dropFirst() == new.limits(of: .preview).dropFirst()
    case .quota: old.monthlyQuota == new.monthlyQuota
    case .reserve: old.quotaReserve == new.quotaReserve
    case .packing: old.packing == new.packing
    case .joins: old.joins == new.joins
    case .sightingsDays: old.sightings.days == new.sightings.days
    case .previewsPerKey: old.sightings.previewsPerKey == new.sightings.previewsPerKey
    case .viewersMost: old.sightings.viewersMost == new.sightings.viewersMost
    }
  }

  fileprivate static func differing(
    _ old: AccountSettings, _ new: AccountSettings
  ) -> Set<Setting> { Set(allCases.filter { !$0.isSame(old, new) }) }
}

/// Which settings of an account differ, and what that invalidates.
package struct SettingsDifference: Equatable, Sendable {
  package let settings: Set<Setting>

  package init(from old: AccountSettings, to new: AccountSettings) {
    settings = Setting.differing(old, new)
  }

  private func has(_ any: Setting...) -> Bool { !settings.isDisjoint(with: any) }

  /// An access token issued under the old settings cannot be used.
  package var needsAccessToken: Bool { has(.host, .app, .secret) }

  /// The calls go to another host or come from another app, so earlier failures say nothing about them.
  package var isOtherApp: Bool { has(.host, .app) }

  /// The budget has to be rebuilt: its limits differ, or the round trips of the new host are unknown.
  package var needsCount: Bool { has(.host, .perSecond, .perMinute) }

  /// Whether the change addresses the reason why the account is parked.
  package func fixes(_ trouble: Trouble) -> Bool {
    switch trouble {
    case .credentials: needsAccessToken || has(.tokenEndpoint, .ticket)
    case .permission: isOtherApp
    case .address: has(.host)
    }
  }

  /// Whether answers to calls made under the old settings say nothing about the account as it is now.
  package func outdatesCalls(of api: API) -> Bool {
    switch api {
    case .auth: needsAccessToken
    case .session: isOtherApp || has(.userToken)
    case .preview, .card: isOtherApp
    }
  }
}
