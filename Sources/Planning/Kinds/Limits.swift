/// What Feishu documents for all of its APIs, with its source. What concerns one kind stands in that kind's file.
package enum Limits {
  /// Added to a window that is counted in whole milliseconds on our side and on an unknown clock on
  /// theirs: one millisecond for cutting off fractions, the rest for clocks that differ by up to
  /// 0.08 % over five seconds.
  package static let roundingMargin: Span = 5

  /// Tier 4: 50 calls a second and 1,000 a minute for each app and tenant.
  /// [cardkit-v1/card/batch_update, aily-v1/aily_session/update]
  package static let tier4: [Budget.Limit] = [
    Budget.Limit(50, per: .seconds(1)), Budget.Limit(1_000, per: .minutes(1), burst: 50),
  ]

  /// A tenant access token lives at most two hours; asked for in its last half hour, a new one is
  /// handed out while the old one stays valid. [auth-v3/tenant_access_token_internal]
  package static let accessTokenRenewal: Span = .minutes(30)

  /// Monthly quotas begin anew on the 1st, Beijing time. [custom-app-api-call-limit]
  package static let quotaTimeZone: Span = .hours(8)
}
