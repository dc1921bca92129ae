/// What an answer says about the content of the call, by the documentation of each API.
enum Bearing {
  /// Something in the content is wrong.
  case content
  /// Nothing now; later it may be accepted.
  case later
  /// Nothing at all: too many calls, a quota, an access token, a permission.
  case never
  /// The code is not documented.
  case undocumented
}

extension CallRecord.Result {
  func bearing(on kind: Wish.Kind) -> Bearing {
    switch self {
    case .success, .refused(code: -1, _), .unknown: .later
    case .refused(let code, _) where Self.content(of: kind).contains(code): .content
    case .refused(let code, _) where Self.later.contains(code): .later
    case .refused(let code, _) where Self.never.contains(code): .never
    case .refused: .undocumented
    }
  }

  /// The channel works: it has done what was asked, or says that it had done so before.
  var isProof: Bool {
    switch self {
    case .success, .refused(code: 200_770, _), .refused(code: 300_317, _): true
    case .refused, .unknown: false
    }
  }

  private static func content(of kind: Wish.Kind) -> Set<Int> {
    let ofGateway: Set = [99_992_402, 9_499, 99_992_351, 99_992_361]
    return switch kind {
    case .preview, .key, .url: ofGateway.union([230_001])
    case .session: ofGateway.union([2_700_001])
    case .card:
      ofGateway.union([
        10_002, 200_220, 200_740, 200_750, 200_770, 200_860, 300_121, 300_122, 300_301, 300_302,
        300_303, 300_305, 300_307, 300_311, 300_312, 300_313, 300_314, 300_315, 300_317, 200_850,
        300_309, 300_310,
      ])
    }
  }

  /// "Retry later", "too frequent", internal errors, a card that a user is interacting with.
  private static let later: Set = [
    1_500, 1_642, 1_663, 1_668, 10_101, 10_105, 2_200, 5_000, 55_001, 65_001, 10_500, 300_120,
    200_810,
  ]

  private static let never: Set = [
    99_991_400, 230_020, 11_232, 11_233, 11_247, 99_991_403, 99_991_661, 99_991_663, 99_991_664,
    99_991_665, 99_991_671, 99_991_672, 99_991_676, 99_991_679, 99_991_662, 99_991_673,
    99_991_401,
  ]
}
