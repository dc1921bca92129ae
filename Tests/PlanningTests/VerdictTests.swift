import Planning
import Testing

struct VerdictTests {
  static func reply(_ status: Int, _ code: Int?) -> Answer {
    .reply(Reply(status: status, code: code))
  }

  static let again = Verdict.tryAgain
  static let refused = Verdict.refused(isDocumented: true)
  static let unheardOf = Verdict.refused(isDocumented: false)

  static let cases: [(Int, Int?, Verdict)] = [
    (200, 0, .delivered), (200, nil, .foreign),
    // The same code with every status it has been seen with.
    (429, 99_991_400, .limited), (400, 99_991_400, .limited), (200, 99_991_400, .limited),
    (429, nil, .limited), (429, 123_456, .limited), (200, 230_020, .limited),
    (200, 11_232, .limited), (200, 11_233, .limited), (200, 11_247, .limited),
    (429, 99_991_403, .quotaSpent),
    (400, 99_991_663, .tokenRefused), (200, 99_991_663, .tokenRefused),
    (400, 99_991_661, .tokenRefused), (400, 99_991_664, .tokenRefused),
    (400, 99_991_665, .tokenRefused), (400, 99_991_671, .tokenRefused),
    (401, nil, .foreign), (403, nil, .foreign), (401, 77, .tokenRefused), (403, 77, .tokenRefused),
    (400, 10_003, .parked(.credentials)), (400, 10_014, .parked(.credentials)),
    (400, 10_015, .parked(.credentials)),
    (400, 20_002, .parked(.credentials)), (400, 99_991_543, .parked(.credentials)),
    (400, 99_991_672, .parked(.permission)), (400, 99_991_676, .parked(.permission)),
    (400, 99_991_679, .parked(.permission)), (400, 99_991_662, .parked(.permission)),
    (400, 99_991_673, .parked(.permission)), (400, 99_991_401, .parked(.permission)),
    (404, 99_991_201, .parked(.address)), (404, nil, .foreign),
    (302, nil, .foreign), (405, nil, .foreign), (400, nil, .foreign), (407, nil, .parked(.address)),
    (404, 404, unheardOf), (404, 230_099, unheardOf), (405, 77, unheardOf),
    (400, 230_001, refused), (200, 99_992_351, refused), (400, 99_992_361, refused),
    (400, 99_992_402, refused), (400, 9_499, refused), (400, 424_242, unheardOf),
    (200, 424_242, unheardOf), (500, 424_242, again),
    (400, 1_500, again), (500, 2_200, again), (200, 5_000, again), (200, 55_001, again),
    (200, 1_642, again), (200, 1_663, again), (200, 1_668, again), (200, 10_101, again),
    (200, 10_105, again), (200, 10_500, again), (200, 65_001, again), (200, 10_012, again),
    (500, nil, again), (502, nil, again), (503, nil, again), (504, nil, again),
    (408, nil, again), (425, nil, again),
  ]

  @Test(arguments: cases)
  func `an answer is understood by its code, then by its status`(
    status: Int, code: Int?, verdict: Verdict
  ) {
    #expect(Verdict(of: Self.reply(status, code), from: .preview) == verdict)
  }

  static let kindCases: [(API, Int, Verdict)] = [
    (.card, 300_317, .outOfOrder), (.card, 200_770, .alreadyKnown), (.card, 200_810, .busy),
    (.card, 200_740, .gone), (.card, 200_750, .gone), (.card, 300_120, again),
    (.card, 10_002, refused), (.card, 200_220, refused), (.card, 200_860, refused),
    (.card, 300_121, .unfit), (.card, 300_122, .unfit), (.card, 300_301, .unfit),
    (.card, 300_302, refused), (.card, 300_303, refused), (.card, 300_305, .unfit),
    (.card, 300_307, refused), (.card, 300_309, refused), (.card, 300_310, refused),
    (.card, 300_311, refused), (.card, 300_312, refused), (.card, 300_313, .unfit),
    (.card, 300_314, .unfit), (.card, 300_315, .unfit), (.card, 200_850, refused),
    (.card, 230_020, .limited), (.card, 99_991_400, .limited), (.card, 99_991_403, .quotaSpent),
    (.session, 2_700_001, refused), (.session, 99_991_668, .tokenRefused),
    (.session, 99_991_677, .tokenRefused), (.session, 99_991_663, .tokenRefused),
    // For other kinds the same code is unknown.
    (.preview, 300_317, unheardOf), (.session, 10_002, unheardOf),
    (.preview, 99_991_668, unheardOf),
  ]

  @Test(arguments: kindCases)
  func `the same number means different things to different APIs`(
    api: API, code: Int, verdict: Verdict
  ) {
    #expect(Verdict(of: Self.reply(400, code), from: api) == verdict)
  }

  @Test func `a call that never left says nothing about what it carried`() {
    #expect(Verdict(of: .neverLeft("refused"), from: .preview) == .unreachable)
    #expect(Verdict(of: .noAnswer("timeout"), from: .preview) == Self.again)
  }

  @Test func `code 0 under a status that says otherwise is not success`() {
    #expect(Verdict(of: Self.reply(500, 0), from: .preview) == Self.again)
  }

  @Test func `a code of one API means nothing to another`() {
    #expect(Verdict(of: Self.reply(200, 230_001), from: .auth) == Self.unheardOf)
    #expect(Verdict(of: Self.reply(200, 20_050), from: .auth) == Self.again)
    #expect(Verdict(of: Self.reply(200, 20_050), from: .preview) == Self.unheardOf)
  }
}
