import Planning
import Testing

struct SettlingTests {
  let refused = Answer.reply(Reply(status: 400, code: 230_001, message: "param is invalid"))
  let window = Limits.previewWindow + Limits.roundingMargin

  func call(_ lanes: [SentLane], _ audience: Audience = crowd(3)) -> SentCall {
    SentCall(audience: audience, lanes: lanes, started: 1_000, timeout: 10_000)
  }

  func lanes(_ count: Int) -> [SentLane] { (1...count).map { SentLane(id: $0, wants: crowd(3)) } }

  func settle(
    _ call: SentCall, _ answer: Answer, at now: Moment = 1_050, isIdle: Bool = true,
    isHostFailing: Bool = false, dice: UInt64 = .max
  ) -> Settlement {
    call.settle(
      answer, Verdict(of: answer, from: .preview), at: now, isIdle: isIdle,
      isHostFailing: isHostFailing, dice: dice)
  }

  @Test func `the slot runs from the answer`() {
    let settled = settle(call(lanes(2)), .reply(Reply(status: 200, code: 0)))
    #expect(settled.slot == 1_050 + window)
    #expect(settled.fates == [.delivered, .delivered])
  }

  @Test func `without an answer the slot runs from the moment the call has run out of time`() {
    let settled = settle(call(lanes(1)), .noAnswer("reset"), at: 1_050)
    #expect(settled.slot == 11_000 + window)
  }

  @Test func `a call that never left uses no slot, costs no attempt and keeps its place`() {
    let lane = SentLane(id: 1, attempts: 7, ready: 500, slot: 200, wants: crowd(3))
    let settled = settle(call([lane]), .neverLeft("no route"))
    #expect(settled.slot == nil)
    #expect(settled.fates == [.again(ready: 500, attempts: 7)])
  }

  @Test func `failing costs an attempt and the eighth one is the last`() {
    let failure = Answer.reply(Reply(status: 502, code: nil))
    let lane = SentLane(id: 1, attempts: 6, wants: crowd(3))
    guard case .again(_, let attempts) = settle(call([lane]), failure).fates[0] else {
      Issue.record("the seventh failure was the last")
      return
    }
    #expect(attempts == 7)
    #expect(
      settle(call([SentLane(id: 1, attempts: 7, wants: crowd(3))]), failure).fates == [.dead])
  }

  @Test func `a host that fails whatever it is sent costs no attempt`() {
    let lane = SentLane(id: 1, attempts: 7, wants: crowd(3))
    for answer in [Answer.noAnswer("timeout"), .reply(Reply(status: 502, code: nil))] {
      guard case .again(_, 7) = settle(call([lane]), answer, isHostFailing: true).fates[0] else {
        Issue.record("an attempt was counted")
        return
      }
    }
    let named = Answer.reply(Reply(status: 500, code: 2_200))
    #expect(settle(call([lane]), named, isHostFailing: true).fates == [.dead])
  }

  @Test func `being limited, or refused for the token or the app, costs no attempt`() {
    for code in [99_991_400, 99_991_403, 99_991_663, 99_991_672] {
      let lane = SentLane(id: 1, attempts: 7, wants: crowd(3))
      let settled = settle(call([lane]), .reply(Reply(status: 400, code: code)))
      #expect(settled.fates == [.again(ready: 1_050 + window, attempts: 7)])
    }
  }

  @Test func `a refused call is taken apart one by one when calls are to spare`() {
    #expect(
      settle(call(lanes(5)), refused).fates == (0..<5).map { .suspect(group: $0) })
  }

  @Test func `and by halves when they are not`() {
    let fates = settle(call(lanes(5)), refused, isIdle: false).fates
    #expect(fates == [0, 0, 0, 1, 1].map { .suspect(group: $0) })
  }

  @Test func `a token alone is sent to half of its people`() {
    let lane = SentLane(id: 1, wants: crowd(100))
    #expect(settle(call([lane], crowd(100)), refused).fates == [.narrower(peopleMax: 50)])
  }

  @Test func `a token refused for everyone, or for its only person, is dead`() {
    let all = SentLane(id: 1, wants: .everyone)
    #expect(settle(call([all], .everyone), refused).fates == [.dead])
    let one = SentLane(id: 1, wants: crowd(1))
    #expect(settle(call([one], crowd(1)), refused).fates == [.dead])
  }

  @Test func `a person refused alone is to blame once the token has gone through`() {
    let proven = SentLane(id: 1, wants: crowd(9), isProven: true)
    #expect(
      settle(call([proven], crowd(1)), refused).fates == [.peopleRefused(crowd(1), strikes: 0)])
  }

  @Test func `a token that goes through for none of three people is to blame itself`() {
    for (strikes, fate) in [
      (0, Fate.peopleRefused(crowd(1), strikes: 1)), (1, .peopleRefused(crowd(1), strikes: 2)),
      (2, .dead),
    ] {
      let lane = SentLane(id: 1, wants: crowd(9), strikes: strikes)
      #expect(settle(call([lane], crowd(1)), refused).fates == [fate])
    }
  }

  @Test func `those three are not neighbours`() {
    let wants = Audience(of: ["a", "b", "c", "d", "e"])
    let probed = (0...2).map { Packing.probe(for: wants, peopleMax: 1, strikes: $0) }
    #expect(probed == ["a", "e", "c"].map { Audience(of: [$0]) })
    #expect(Packing.probe(for: wants, peopleMax: 2, strikes: 0) == Audience(of: ["a", "b"]))
  }

  @Test func `people whom the answer names are split off at once`() {
    let named = Answer.reply(
      Reply(
        status: 400, code: 99_992_351,
        objections: #"{"field":"open_ids","value":"ou_1000001","like":"ou_10000022"}"#))
    #expect(
      settle(call(lanes(2)), named).fates
        == [
          .peopleRefused(crowd(1, from: 1), strikes: 0),
          .peopleRefused(crowd(1, from: 1), strikes: 0),
        ])
  }
}

struct BackoffTests {
  @Test func `waits double up to the longest, between nothing and the full wait`() {
    let backoff = Backoff(first: 1_000, longest: 10_000)
    let longest = (1...6).map { backoff.wait(afterFailures: $0, dice: .max) }
    #expect(longest == [1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    #expect(backoff.wait(afterFailures: 3, dice: 0) == 0)
    #expect(backoff.wait(afterFailures: 3, dice: .max / 2) == 2_000)
    #expect(backoff.wait(afterFailures: 1_000_000, dice: .max) == 10_000)
  }
}

struct CalendarTests {
  // date -u -d '…' +%s
  @Test(arguments: [
    (1_795_213_800_000, 1_796_054_400_000),  // 2026-11-20T21:50Z → 2026-11-30T16:00Z
    (1_796_054_399_999, 1_796_054_400_000),  // the last moment of November in Beijing
    (1_796_054_400_000, 1_798_732_800_000),  // the first of December → 2026-12-31T16:00Z
    (1_709_222_400_000, 1_709_222_400_000 + 31 * 86_400_000),  // 1 March 2024 → 1 April
    (0, 2_649_600_000),
  ])
  func `a month ends at midnight in Beijing`(wall: Int, next: Int) {
    #expect(nextQuotaMonth(after: wall) == next)
    #expect(quotaMonth(of: next) == quotaMonth(of: wall) + 1)
    #expect(quotaMonth(of: next - 1) == quotaMonth(of: wall))
  }
}
