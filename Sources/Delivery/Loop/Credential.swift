import Planning

/// The tenant access token of one account, in memory only: whether there is one, whether it is time
/// for another, and what to make of one that was refused.
package struct Credential: Sendable {
  private var token: (value: String, expires: Moment)?
  private var refusedValue: String?
  /// Refusals since the last call that was not refused for its token.
  package private(set) var refusals = 0
  private var failures = 0
  package private(set) var notBefore: Moment
  private var isFetching = false

  /// Goes on where the last run was: with what has been refused, and with the time that the server
  /// asked to wait.
  package init(refusals: Int = 0, notBefore: Moment = .zero) {
    self.refusals = refusals
    self.notBefore = notBefore
  }

  /// A token that can be sent now.
  package func usable(at now: Moment) -> String? {
    guard let token, token.expires > now else { return nil }
    return token.value
  }

  /// When the next fetch may start, or nil when none is wanted: one at a time, and for a token that
  /// is still good only in its last half hour, when a new one is handed out.
  package func fetchMoment(at now: Moment) -> Moment? {
    if isFetching { return nil }
    guard let token else { return max(now, notBefore) }
    return max(now, notBefore, token.expires - Limits.accessTokenRenewal)
  }

  package mutating func fetchBegan() { isFetching = true }

  /// A token arrived. One that has been refused already is tried again only after a while.
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

  /// The fetch failed, and another one may work.
  package mutating func fetchFailed(wait: Span?, at now: Moment, dice: UInt64) {
    isFetching = false
    failures += 1
    notBefore =
      now + (wait ?? RetryPolicy.pauseOfTokenRequests(afterFailures: failures, dice: dice))
  }

  /// A call with this token was refused for it: it is not sent again as long as another can be had.
  /// True when there is no sense in going on without a person. An answer that comes late must not
  /// take away the token that has replaced the refused one.
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

  /// A person has mended something: start over.
  package mutating func forget() { self = Credential() }
}
