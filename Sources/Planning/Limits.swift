/// Every number that Feishu documents for previews and tokens, once, with its source.
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

  /// A tenant access token lives at most two hours; asked for in its last half hour, a new one is
  /// handed out while the old one stays valid. [auth-v3/tenant_access_token_internal]
  package static let accessTokenRenewal: Span = .minutes(30)

  /// Monthly quotas begin anew on the 1st, Beijing time. [custom-app-api-call-limit]
  package static let quotaTimeZone: Span = .hours(8)
}
