import Planning

/// Where an app that a tenant built for itself gets its access tokens. The words are those of the
/// configuration.
package enum TokenEndpoint: String, CaseIterable, Sendable {
  /// The one that Feishu documents with each of its APIs.
  case usual = "internal"
  /// OAuth v3 with client credentials.
  case v3

  /// The one to ask when this one has given no token; nil if there is no other.
  package var fallback: TokenEndpoint? { self == .v3 ? .usual : nil }

  /// Whether this endpoint fails, so that the other is asked at once. It has failed international apps
  /// for days, and a firewall may not know its host. What it says about the app, the other would say as well.
  package func hasFailed(_ verdict: Verdict, _ answer: Answer) -> Bool {
    guard fallback != nil else { return false }
    return switch answer {
    case .reply: verdict == .tryAgain || verdict == .foreign || verdict == .parked(.address)
    case .neverLeft, .noAnswer: true
    case .tooLate: false
    }
  }
}
