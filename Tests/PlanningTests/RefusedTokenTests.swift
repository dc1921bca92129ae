import Planning
import Testing

/// When a refusal is the token's own, so that the preview is forgotten.
struct RefusedTokenTests {
  private static let refused = Answer.reply(
    Reply(status: 400, code: 230_001, message: "param is invalid"))
  private static let unheardOf = Answer.reply(Reply(status: 400, code: 424_242))

  /// The fate of a lane that has been refused often enough, alone and for everyone.
  private func fate(
    _ answer: Answer, _ audience: Audience = .everyone, strikes: Int = 0,
    _ change: (inout Health) -> Void = { _ in }
  ) -> Fate {
    var health = Health()
    change(&health)
    let evidence: Evidence = answer == Self.unheardOf ? .undocumented : .ofContent
    let worn = Trials(
      evidence: evidence, attempts: 3, failedAt: 500, failingSince: 400)
    let lane = ClaimedLane(id: 1, trials: worn, wants: audience, strikes: strikes)
    let call = ClaimedCall(
      id: 1, channel: Channel(account: 1, kind: .preview), started: 1_000, timeout: 10_000,
      lanes: [lane], load: .audience(audience))
    return call.settle(
      answer, Verdict(of: answer, from: .preview), at: 1_050,
      Circumstances(isIdle: true, isAlone: false, health: health),
      PackingTerms(joins: true, secondsSince1970: 0, dice: [.max])
    ).fates[0]
  }

  @Test func `a documented refusal is the token's if nothing else was refused`() {
    #expect(fate(Self.refused) == .tokenRefused)
    let again = fate(Self.refused) {
      $0.refusals = 3
      $0.refusedLane = 1
    }
    #expect(again == .tokenRefused)
  }

  @Test func `while others are refused too, it may be an outage`() {
    #expect(fate(Self.refused) { $0.refusals = 3 } == .dead())
    let other = fate(Self.refused) {
      $0.refusals = 1
      $0.refusedLane = 2
    }
    #expect(other == .dead())
  }

  @Test func `it is not once something has succeeded since the lane began to fail`() {
    let certain = fate(Self.refused) {
      $0.refusals = 3
      $0.recoveredAt = 800
    }
    #expect(certain == .tokenRefused)
  }

  @Test func `a code that nobody has documented says so only where others succeed`() {
    #expect(fate(Self.unheardOf) == .dead())
    #expect(fate(Self.unheardOf) { $0.recoveredAt = 800 } == .tokenRefused)
  }

  @Test func `a code about people says nothing about the token`() {
    let aboutPeople = Answer.reply(Reply(status: 400, code: 99_992_351))
    #expect(fate(aboutPeople, crowd(1), strikes: 2) == .dead())
  }

  @Test func `neither an internal error nor a missing answer blames the token`() {
    for answer in [Answer.reply(Reply(status: 500, code: 2_200)), .noAnswer("timeout")] {
      #expect(fate(answer) { $0.recoveredAt = 800 } != .tokenRefused)
    }
  }
}
