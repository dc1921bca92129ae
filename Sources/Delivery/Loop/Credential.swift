import Planning

/// The tenant access token of one account, kept only in memory. Knows when to fetch another one and
/// what to do about a refused one.
package struct Credential: Sendable {
  private var token: (value: String, expires: Moment)?
  private var refusedValue: String?
  /// Refusals since the last call that was not refused for its token.
  package private(set) var refusals = 0
  private var failures = 0
  package private(set) var notBefore: Moment
  private var isFetching = false
  /// How long before its end a token is replaced.
  private let renewal: Span

  /// Continues from the last run: with its count of refusals, and with the end of its wait for a
  /// token.
  package init(
    refusals: Int = 0, notBefore: Moment = .zero, renewal: Span = Limits.accessTokenRenewal
  ) {
    self.refusals = refusals
    self.notBefore = notBefore
    self.renewal = renewal
  }

  /// A token that can be sent now.
  package func usable(at now: Moment) -> String? {
    guard let token, token.expires > now else { return nil }
    return token.value
  }

  /// When the token expires; nil if there is none.
  package var expires: Moment? { token?.expires }

  /// When the next fetch may start; nil while one is under way. A token that is still good is
  /// replaced only in its last half hour or later, because Feishu does not issue a new one before.
  package func fetchMoment(at now: Moment) -> Moment? {
    if isFetching { return nil }
    guard let token else { return max(now, notBefore) }
    return max(now, notBefore, token.expires - renewal)
  }

  package mutating func fetchBegan() { isFetching = true }

  /// A token arrived. If it is the one that was refused, it is not used until a later fetch returns
  /// it again.
  package mutating func arrived(_ value: String, lives: Span, at now: Moment, dice: UInt64) {
    isFetching = false
    failures = 0
    notBefore = now + RetryPolicy.tokensApart
    if value == refusedValue {
      refusedValue = nil
      notBefore = now + RetryPolicy.pauseOfTokens(afterFailures: refusals, dice: dice)
      return
    }
    token = (value, now + lives)
  }

  /// The fetch failed, and another endpoint is asked at once.
  package mutating func fetchGaveNothing() { isFetching = false }

  /// The fetch failed, and another one may work.
  package mutating func fetchFailed(wait: Span?, at now: Moment, dice: UInt64) {
    isFetching = false
    failures += 1
    notBefore =
      now + (wait ?? RetryPolicy.pauseOfTokenRequests(afterFailures: failures, dice: dice))
  }

  /// A call was refused because of this token, so another one is fetched. True if only a person can
  /// fix the problem. A late answer must not discard a token that has already replaced the refused
  /// one.
  package mutating func refused(_ value: String) -> Bool {
    guard token?.value == value else { return false }
    token = nil
    refusedValue = value
    refusals += 1
    notBefore = .zero
    return refusals >= RetryPolicy.tokensRefused
  }

  /// A call with the token was not refused for it.
  package mutating func accepted() { refusals = 0 }

  /// A person does not want to wait any longer. What is on its way, and a good token, stay.
  package mutating func forgetWait() {
    failures = 0
    notBefore = .zero
  }

  /// A person has fixed something: start over.
  package mutating func forget() { self = Credential(renewal: renewal) }
}
