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

  /// A tenant's token of a store app is replaced only this long before its end, give or take: one that is
  /// renewed in its last half hour costs a third more requests.
  package static let tenantTokenRenewal: ClosedRange<Span> = .minutes(2) ... .minutes(10)

  /// Requests for the tokens of a store app's tenants. No limit is documented for these; this is the one of
  /// OAuth v3. [get-access-token (client credentials)]
  package static let logins: [Budget.Limit] = [
    Budget.Limit(50, per: .seconds(1)), Budget.Limit(1_000, per: .minutes(1), burst: 50),
  ]

  /// Feishu pushes an app ticket every hour. A file that has not changed for twice as long is not being
  /// written any more. [app_ticket event]
  package static let ticketAge: Span = .hours(2)

  /// Monthly quotas restart on the 1st, Beijing time. [custom-app-api-call-limit]
  package static let quotaTimeZone: Span = .hours(8)
}
