import Planning

/// What becomes of one account when the configuration is read again.
package enum AccountChange: Equatable, Sendable {
  case added(AccountSettings)
  /// Its settings from now on.
  case changed(AccountSettings)
  case removed(name: String)

  /// What differs between two configurations. An account is the same if its name is.
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
        case settings?: nil
        case _?: .changed(settings)
        }
      }
  }
}

/// A setting of an account, in the configuration's word for it.
package enum Setting: String, CaseIterable, Sendable {
  case host
  case trust = "ca_file"
  case app = "app_id"
  case secret = "app_secret"
  case userToken = "user_access_token_file"
  case perSecond = "calls_per_second"
  case perMinute = "calls_per_minute"
  case quota = "monthly_quota"
  case packing
  case joins = "join"

  private func isSame(_ old: AccountSettings, _ new: AccountSettings) -> Bool {
    switch self {
    case .host: old.host == new.host
    case .trust: old.trust == new.trust
    case .app: old.appID == new.appID
    case .secret: old.secret == new.secret
    case .userToken: old.userToken == new.userToken
    case .perSecond: old.previewLimits.first == new.previewLimits.first
    case .perMinute: old.previewLimits.dropFirst() == new.previewLimits.dropFirst()
    case .quota: old.monthlyQuota == new.monthlyQuota
    case .packing: old.packing == new.packing
    case .joins: old.joins == new.joins
    }
  }

  fileprivate static func differing(
    _ old: AccountSettings, _ new: AccountSettings
  ) -> Set<Setting> { Set(allCases.filter { !$0.isSame(old, new) }) }
}

/// Which settings of one account differ, and what that means for what is known of it.
package struct SettingsDifference: Equatable, Sendable {
  package let settings: Set<Setting>

  package init(from old: AccountSettings, to new: AccountSettings) {
    settings = Setting.differing(old, new)
  }

  private func has(_ any: Setting...) -> Bool { !settings.isDisjoint(with: any) }

  /// An access token that was handed out before is not for these settings.
  package var needsAccessToken: Bool { has(.host, .app, .secret) }

  /// Feishu is another, or takes the calls for another app's: how they fared before says nothing.
  package var isOtherApp: Bool { has(.host, .app) }

  /// Calls are counted for other limits, or over a route of which nothing is known.
  package var needsCount: Bool { has(.host, .perSecond, .perMinute) }

  /// Whether this is what a person had to change for the account to go on.
  package func fixes(_ trouble: Trouble) -> Bool {
    switch trouble {
    case .credentials: needsAccessToken
    case .permission: isOtherApp
    case .address: has(.host)
    }
  }

  /// Whether the answer to a call that began before says nothing of the account as it is now.
  package func outdatesCalls(of api: API) -> Bool {
    switch api {
    case .auth: needsAccessToken
    case .session: isOtherApp || has(.userToken)
    case .preview, .card: isOtherApp
    }
  }
}
