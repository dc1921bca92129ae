/// Codes in the body of an answer, and what they mean. The same number means different things to different
/// APIs: what a kind's own API says stands in that kind's file, and decides.
///
/// Source: the table "Response → class" of the API facts; the comments name what they stand for.
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

  /// An open_id that does not exist, or that another app was given.
  static let aboutPeople = [99_992_351, 99_992_361]

  private static let refused = Verdict.refused(isDocumented: true)

  private static let ofAny: [KnownCode] = [
    // Too many calls: of this app, of the gateway, of the message family.
    KnownCode([99_991_400, 230_020, 11_232, 11_233, 11_247], .limited),
    // "This month's API call quota has been exceeded".
    KnownCode([99_991_403], .quotaSpent),

    // The access token is invalid or expired, or not of the kind it should be. 99991661 says that
    // none was sent, which a new one mends if anything does.
    KnownCode([99_991_661, 99_991_663, 99_991_664, 99_991_665, 99_991_671], .tokenRefused),

    // Wrong app id or secret.
    KnownCode([10_003, 10_014, 10_015, 20_002, 99_991_543], .parked(.credentials)),
    // A scope is missing; the app is disabled or not installed; the address is not on its list.
    KnownCode([99_991_672, 99_991_676, 99_991_679], .parked(.permission)),
    KnownCode([99_991_662, 99_991_673, 99_991_401], .parked(.permission)),
    // No such path at this host.
    KnownCode([99_991_201], .parked(.address)),

    KnownCode(aboutPeople, refused),

    // Fields that the gateway refuses, a body it cannot read.
    KnownCode([99_992_402, 9_499], refused),

    // "Retry later", internal errors, an app ticket that has not arrived.
    KnownCode([1_500, 1_642, 1_663, 1_668, 10_101, 10_105, 10_012], .tryAgain),
    KnownCode([2_200, 5_000, 55_001, 10_500, 65_001], .tryAgain),
  ]

  /// The API that hands out access tokens.
  private static let ofAuth = [KnownCode([20_050, 20_072], .tryAgain)]
}
