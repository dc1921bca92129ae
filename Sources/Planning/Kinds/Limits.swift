/// Every number that Feishu documents, once, with its source.
package enum Limits {
  /// "1 update / 5 s per preview_token". [api/url-preview]
  package static let previewWindow: Span = .seconds(5)

  /// Added to a window that is counted in whole milliseconds on our side and on an unknown clock on
  /// theirs: one millisecond for cutting off fractions, the rest for clocks that differ by up to
  /// 0.08 % over five seconds.
  package static let roundingMargin: Span = 5

  /// "preview_tokens, 1 to 10". [api/url-preview]
  package static let tokensPerCall = 10

  /// "open_ids, 0 to 100"; none at all would mean everyone. [api/url-preview]
  package static let peoplePerCall = 100

  /// Tier 6: 5 calls a second for each app and tenant. [im-v2/url_previews/batch_update]
  package static let previewCallsPerSecond = 5

  /// "10 operations a second" on one card, over all endpoints. [cardkit, streaming updates]
  package static let cardOperationsPerSecond = 10

  /// From start to start. Of eleven calls one after the other, the first has arrived before the
  /// second starts, so nine such spans lie between the arrivals of the first and the last.
  package static let cardSpacing: Span =
    .seconds(1) / (cardOperationsPerSecond - 1) + roundingMargin

  /// A card can be updated for 14 days: 200750. [cardkit-v1/card/batch_update]
  package static let cardLife: Span = .days(14)

  /// "actions, 1 to 1000000" characters; "uuid, 1 to 64". [api/card]
  package static let actionsLength = 1_000_000

  /// A sequence is a positive int32. [api/card]
  package static let sequenceMax = 2_147_483_647

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
