/// Link previews. A call only says which previews to refresh and for whom, so lanes share calls.
package enum Preview: KindRules {
  /// "1 update / 5 s per preview_token". [api/url-preview]
  package static let window: Span = .seconds(5)

  /// "preview_tokens, 1 to 10". [api/url-preview]
  package static let tokensPerCall = 10

  /// "open_ids, 0 to 100"; leaving them out means everyone. [api/url-preview]
  package static let peoplePerCall = 100

  /// Tier 6: 5 calls a second for each app and tenant. [im-v2/url_previews/batch_update]
  package static let callsPerSecond = 5

  /// Counted from the answer, because the server counts arrivals and the call had arrived by then.
  package static let pace = Pace(afterAnswer: window + Limits.roundingMargin)
  package static let limits = [Budget.Limit(callsPerSecond, per: .seconds(1))]
  package static let hasQuota = true
  package static let takesUserTokens = false
  package static let isForStoreApps = true

  package static let codes = [
    // One of the tokens or open_ids is malformed, so the whole call is refused.
    KnownCode([230_001], .refused(isDocumented: true))
  ]

  package static let namesGiveAccess = true

  package static func flaw(ofLane name: String) -> String? {
    1...256 ~= name.utf8.count && name.isVisibleASCII ? nil : "its lane is not a preview token"
  }

  /// POST /open-apis/im/v2/url_previews/batch_update.
  package static let method = HTTPMethod.post

  package static func path(of lanes: [String]) -> String {
    "/open-apis/im/v2/url_previews/batch_update"
  }

  /// Leaving `open_ids` out means everyone. An empty list is never sent, because its meaning is not
  /// documented.
  package static func body(_ tokens: [String], for audience: Audience) -> String {
    precondition(!tokens.isEmpty && tokens.count <= tokensPerCall)
    precondition(!audience.isEmpty && audience.count ?? 1 <= peoplePerCall)
    var body = "{"
    if case .people(let people) = audience { body += "\"open_ids\":\(JSONText.list(people))," }
    return body + "\"preview_tokens\":\(JSONText.list(tokens))}"
  }

  package static let stateInAnswer: [String] = []
  package static let parcels: (any ParcelRules.Type)? = nil
}
