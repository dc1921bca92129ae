/// Codes in the body of an answer, and what they mean. The same number can mean different things in
/// different APIs. The codes of one kind's API are in that kind's file and take precedence.
///
/// Source: the table "Response → class" of the API facts. The comments say what the codes stand
/// for.
package struct KnownCode: Sendable {
  let codes: [Int]
  let verdict: Verdict

  init(_ codes: [Int], _ verdict: Verdict) {
    self.codes = codes
    self.verdict = verdict
  }

  static func verdict(of code: Int, from api: API) -> Verdict? {
    let own = api.kind?.rules.codes ?? ofAuth
    return (own.first { $0.codes.contains(code) } ?? ofAny.first { $0.codes.contains(code) })?
      .verdict
  }

  /// An open_id that does not exist, or that belongs to another app.
  static let aboutPeople = [99_992_351, 99_992_361]

  private static let refused = Verdict.refused(isDocumented: true)

  private static let ofAny: [KnownCode] = [
    // Too many calls: for this app, for the gateway, or for the message APIs.
    KnownCode([99_991_400, 230_020, 11_232, 11_233, 11_247], .limited),
    // "This month's API call quota has been exceeded".
    KnownCode([99_991_403], .quotaSpent),

    // The access token is invalid, expired or of the wrong type. 99991661 says that none was sent,
    // and only a new token may fix that.
    KnownCode([99_991_661, 99_991_663, 99_991_664, 99_991_665, 99_991_671], .tokenRefused),

    // Wrong app id or secret.
    KnownCode([10_003, 10_014, 10_015, 20_002, 20_048, 99_991_543], .parked(.credentials)),
    // A scope is missing; the app is disabled or not installed; this machine's address is not on
    // the app's allowlist.
    KnownCode([99_991_672, 99_991_676, 99_991_679], .parked(.permission)),
    KnownCode([99_991_662, 99_991_673, 99_991_401], .parked(.permission)),
    // This host has no such path.
    KnownCode([99_991_201], .parked(.address)),

    KnownCode(aboutPeople, refused),

    // Fields that the gateway rejects, or a body it cannot read.
    KnownCode([99_992_402, 9_499], refused),

    // "Retry later", internal errors.
    KnownCode([1_500, 1_642, 1_663, 1_668, 10_101, 10_105, 10_012], .tryAgain),
    KnownCode([2_200, 5_000, 55_001, 10_500, 65_001], .tryAgain),
  ]

  /// The APIs that hand out access tokens. 20068: a scope that the app may not have. 10012 and 10013: no
  /// token for this app ticket. 10005 and 20009: the tenant has not installed the app.
  private static let ofAuth = [
    KnownCode([10_012, 10_013], .ticketRefused), KnownCode([10_005, 20_009], .parked(.permission)),
    KnownCode([20_050, 20_072], .tryAgain), KnownCode([20_068], .parked(.permission)),
  ]
}
