/// The codes in the body of an answer, and what they mean. The same number means different things
/// to different APIs, so a row may belong to one.
///
/// Source: the table "Response → class" of the API facts; the comments name what they stand for.
struct KnownCode {
  let codes: [Int]
  let api: API?
  let verdict: Verdict

  private init(_ codes: [Int], of api: API? = nil, _ verdict: Verdict) {
    self.codes = codes
    self.api = api
    self.verdict = verdict
  }

  static func verdict(of code: Int, from api: API) -> Verdict? {
    let rows = table.filter { $0.codes.contains(code) }
    return (rows.first { $0.api == api } ?? rows.first { $0.api == nil })?.verdict
  }

  /// An open_id that does not exist, or that another app was given.
  static let aboutPeople = [99_992_351, 99_992_361]

  private static let refused = Verdict.refused(isDocumented: true)

  static let table: [KnownCode] = [
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

    // One of the tokens or open_ids is malformed; the whole call is refused for it.
    KnownCode([230_001], of: .preview, refused),
    KnownCode(aboutPeople, refused),

    // A card's batch: what is in it is refused, or what the card would become.
    KnownCode(
      [
        10_002, 200_220, 200_860, 300_302, 300_303, 300_307, 300_309, 300_310, 300_311, 300_312,
        200_850,
      ], of: .card, refused),
    // There is such an element already, or it could not be replaced, configured, changed, deleted or
    // added; there are too many.
    KnownCode(
      [300_121, 300_122, 300_301, 300_305, 300_313, 300_314, 300_315], of: .card, .unfit),
    // "Sequence number compare failed", "UUID conflict", "ongoing interaction".
    KnownCode([300_317], of: .card, .outOfOrder),
    KnownCode([200_770], of: .card, .alreadyKnown),
    KnownCode([200_810], of: .card, .busy),
    // The card entity does not exist, or has expired.
    KnownCode([200_740, 200_750], of: .card, .gone),
    KnownCode([300_120], of: .card, .tryAgain),
    // A session's fields, or its id.
    KnownCode([2_700_001], of: .session, refused),
    // A person's access token.
    KnownCode([99_991_668, 99_991_677], of: .session, .tokenRefused),

    // Fields that the gateway refuses, a body it cannot read.
    KnownCode([99_992_402, 9_499], refused),

    // "Retry later", internal errors, an app ticket that has not arrived.
    KnownCode([1_500, 1_642, 1_663, 1_668, 10_101, 10_105, 10_012], .tryAgain),
    KnownCode([2_200, 5_000, 55_001, 10_500, 65_001], .tryAgain),
    KnownCode([20_050, 20_072], of: .auth, .tryAgain),
  ]
}
