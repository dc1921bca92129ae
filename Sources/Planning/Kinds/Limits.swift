/// What Feishu documents for all of its APIs, with sources. What concerns one kind is in that
/// kind's file.
package enum Limits {
  /// Added to a window that this side counts in whole milliseconds and the server counts on an
  /// unknown clock. One millisecond covers cut-off fractions. The rest covers clocks that differ by
  /// up to 0.08 % over five seconds.
  package static let roundingMargin: Span = 5

  /// Tier 4: 50 calls a second and 1,000 a minute for each app and tenant.
  /// [cardkit-v1/card/batch_update, aily-v1/aily_session/update]
  package static let tier4: [Budget.Limit] = [
    Budget.Limit(50, per: .seconds(1)), Budget.Limit(1_000, per: .minutes(1), burst: 50),
  ]

  /// A tenant access token lives at most two hours. [auth-v3/tenant_access_token_internal]
  package static let accessTokenLife: Span = .hours(2)

  /// A request in a token's last half hour returns a new one, and the old one stays valid.
  /// [auth-v3/tenant_access_token_internal]
  package static let accessTokenRenewal: Span = .minutes(30)

  /// Monthly quotas restart on the 1st, Beijing time. [custom-app-api-call-limit]
  package static let quotaTimeZone: Span = .hours(8)
}
