import Planning
import Testing

@testable import Delivery

/// The difference between two configurations, and its consequences.
struct AccountChangeTests {
  private static func account(
    _ name: String, _ change: (inout AccountSettings) -> Void = { _ in }
  ) -> AccountSettings {
    var settings = AccountSettings(
      name: name, host: "https://a", appID: "cli_1", secret: .file("/secret"))
    change(&settings)
    return settings
  }

  private func account(
    _ name: String, _ change: (inout AccountSettings) -> Void = { _ in }
  ) -> AccountSettings { Self.account(name, change) }

  @Test func `accounts are added, changed and removed by their names, in any order`() {
    let other = account("b") { $0.appID = "cli_2" }
    #expect(
      AccountChange.all(
        from: [account("a"), account("b"), account("c")],
        to: [account("d"), account("c"), other])
        == [.removed(name: "a"), .added(account("d")), .changed(other)])
  }

  @Test func `the same accounts in another order are no change`() {
    #expect(
      AccountChange.all(
        from: [account("a"), account("b")], to: [account("b"), account("a")]
      ).isEmpty)
  }

  @Test func `a default that is now written down is no change`() {
    let same = account("a") { $0.limits[.preview] = $0.limits(of: .preview) }
    #expect(AccountChange.all(from: [account("a")], to: [same]).isEmpty)
  }

  private static func storeApp(exceptions: [String: AccountSettings] = [:]) -> StoreApp {
    var app = StoreApp(ticket: .file("/ticket"))
    app.exceptions = exceptions
    return app
  }

  /// What is set only for store apps is changed in one.
  private static func base(for setting: Setting) -> AccountSettings {
    account("a") {
      if [.ticket, .tenants].contains(setting) { $0.issuing = .storeApp(storeApp()) }
    }
  }

  /// Edits that change one setting each.
  private static let edits: [(Setting, @Sendable (inout AccountSettings) -> Void)] = [
    (.host, { $0.host = "https://b" }),
    (.trust, { $0.trust = .file("/ca") }),
    (.app, { $0.appID = "cli_2" }),
    (.secret, { $0.secret = .environment("S") }),
    (.tokenEndpoint, { $0.issuing = .ownApp(.v3) }),
    (.ticket, { $0.issuing = .storeApp(StoreApp(ticket: .file("/other"))) }),
    (.tenants, { $0.issuing = .storeApp(storeApp(exceptions: ["k": account("a.k")])) }),
    (.userToken, { $0.userToken = .file("/token") }),
    (.perSecond, { $0.limits[.preview] = [Budget.Limit(3, per: .seconds(1))] }),
    (
      .perMinute,
      { $0.limits[.preview, default: Preview.limits].append(Budget.Limit(100, per: .minutes(1))) }
    ),
    (.quota, { $0.monthlyQuota = 10 }), (.reserve, { $0.quotaReserve = 5 }),
    (.packing, { $0.packing = .cover(extraPairsMax: 5) }),
    (.joins, { $0.joins = false }),
    (.sightingsDays, { $0.sightings.days = 7 }),
    (.previewsPerKey, { $0.sightings.previewsPerKey = 50 }),
    (.viewersMost, { $0.sightings.viewersMost = 10 }),
  ]

  private func difference(
    of setting: Setting, _ edit: (inout AccountSettings) -> Void
  ) -> SettingsDifference {
    let old = Self.base(for: setting)
    var new = old
    edit(&new)
    return SettingsDifference(from: old, to: new)
  }

  /// The settings for which something holds when they alone are changed.
  private func those(_ isSo: (SettingsDifference) -> Bool) -> Set<Setting> {
    Set(Self.edits.filter { isSo(difference(of: $0.0, $0.1)) }.map(\.0))
  }

  @Test func `every setting is told from the others`() {
    #expect(Self.edits.map(\.0) == Setting.allCases)
    for (setting, edit) in Self.edits {
      #expect(difference(of: setting, edit).settings == [setting])
    }
  }

  @Test func `another host, app or secret needs another access token`() {
    #expect(those(\.needsAccessToken) == [.host, .app, .secret])
  }

  @Test func `calls are counted again where the limits or the route are others`() {
    #expect(those(\.needsCount) == [.host, .perSecond, .perMinute])
  }

  @Test func `what parks an account is fixed by changing what was wrong, and by nothing else`() {
    #expect(those { $0.fixes(.credentials) } == [.host, .app, .secret, .tokenEndpoint, .ticket])
    #expect(those { $0.fixes(.permission) } == [.host, .app])
    #expect(those { $0.fixes(.address) } == [.host])
  }

  @Test func `an answer says nothing of an account that by now makes its calls as another`() {
    #expect(those { $0.outdatesCalls(of: .preview) } == [.host, .app])
    #expect(those { $0.outdatesCalls(of: .card) } == [.host, .app])
    #expect(those { $0.outdatesCalls(of: .session) } == [.host, .app, .userToken])
    #expect(those { $0.outdatesCalls(of: .auth) } == [.host, .app, .secret])
  }
}
