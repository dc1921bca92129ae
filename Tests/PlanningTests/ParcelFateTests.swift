import Testing

@testable import Planning

/// A parcel whose call has an outcome.
private struct SentParcel {
  let lane: Int
  let kind: Kind
  let parcel: Parcel
  let memory: Fields
  let trials: Trials
  let ready: Moment
  let started: Moment
  let timeout: Span

  func settle(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, _ circumstances: Circumstances,
    _ terms: PackingTerms
  ) -> (slot: Moment?, fate: Fate) {
    let call = ClaimedCall(
      id: 1, channel: Channel(account: 1, kind: kind), started: started, timeout: timeout,
      lanes: [ClaimedLane(id: lane, trials: trials, ready: ready, wants: .nobody)],
      load: .parcel(parcel, memory: memory))
    let settled = call.settle(answer, verdict, at: now, circumstances, terms)
    return (settled.slot, settled.fates[0])
  }
}

struct ParcelFateTests {
  private let terms = PackingTerms(joins: true, secondsSince1970: 1_000, dice: [1 << 63, 1])

  private func sent(
    uncertain: Bool = false, asks: [Int] = [1], kind: Kind = .card, trials: Trials = Trials(),
    _ change: (inout Parcel) -> Void = { _ in }
  ) -> SentParcel {
    var parcel = Parcel(
      asks: asks, fields: ["uuid": .text("u"), "sequence": .number(1_000), "actions": .text("[]")],
      body: "{}")
    parcel.isUncertain = uncertain
    change(&parcel)
    return SentParcel(
      lane: 7, kind: kind, parcel: parcel, memory: ["sequence": .number(1_000)], trials: trials,
      ready: 5, started: 100, timeout: 10_000)
  }

  private let alone = Circumstances(isIdle: true, isAlone: true, health: Health())
  private let inCompany = Circumstances(isIdle: true, isAlone: false, health: Health())

  private func fate(
    _ sent: SentParcel, _ verdict: Verdict, _ answer: Answer, _ circumstances: Circumstances? = nil
  ) -> Fate {
    sent.settle(answer, verdict, at: 200, circumstances ?? alone, terms).fate
  }

  private func reply(_ status: Int, _ code: Int?) -> Answer {
    .reply(Reply(status: status, code: code))
  }

  private let certainlyDead = Fate.dead(mayHaveBeenApplied: false)

  private func next(_ fate: Fate) -> Parcel? {
    if case .again(_, _, let parcel) = fate { parcel } else { nil }
  }

  @Test(arguments: [
    (Answer.noAnswer("timed out"), true), (.reply(Reply(status: 502, code: nil)), true),
    (.reply(Reply(status: 200, code: nil)), true), (.reply(Reply(status: 500, code: 2_200)), true),
    (.reply(Reply(status: 400, code: 1_500)), false), (.neverLeft("refused"), false),
  ])
  func `whether it may have been carried out is remembered`(answer: Answer, isUncertain: Bool) {
    let again = next(fate(sent(), Verdict(of: answer, from: .card), answer))
    #expect(again?.isUncertain == isUncertain && again?.body == "{}")
    let already = next(fate(sent(uncertain: true), Verdict(of: answer, from: .card), answer))
    #expect(already?.isUncertain == true)
  }

  @Test func `after an unknown outcome, a number or a name that is known means applied`() {
    #expect(fate(sent(uncertain: true), .outOfOrder, reply(400, 300_317)) == .delivered)
    #expect(fate(sent(uncertain: true), .alreadyKnown, reply(400, 200_770)) == .delivered)
  }

  @Test func `a number below one that was accepted proves nothing`() {
    let low = SentParcel(
      lane: 7, kind: .card, parcel: sent(uncertain: true) { $0.isNumberGiven = true }.parcel,
      memory: ["sequence": .number(2_000), "accepted": .number(2_000)], trials: Trials(), ready: 5,
      started: 100, timeout: 10_000)
    #expect(fate(low, .outOfOrder, reply(400, 300_317)) == certainlyDead)
  }

  @Test func `where the number was too low once, nobody can tell`() {
    let renumbered = sent(uncertain: true) { $0.renumbered = 1 }
    #expect(fate(renumbered, .outOfOrder, reply(400, 300_317)) == .dead(mayHaveBeenApplied: true))
    #expect(fate(renumbered, .alreadyKnown, reply(400, 200_770)) == .delivered)
  }

  @Test func `waiting for somebody who uses the card costs no attempt, and ends`() {
    var parcel = sent()
    var waits = 0
    while case .again(_, let trials, let same?) = fate(parcel, .busy, reply(400, 200_810)) {
      #expect(trials.attempts == 0 && same.body == "{}")
      waits += 1
      parcel = SentParcel(
        lane: 7, kind: .card, parcel: same, memory: parcel.memory, trials: Trials(), ready: 5,
        started: 100, timeout: 10_000)
    }
    #expect(waits == 11)
  }

  @Test func `otherwise it gets a higher number and another name, and only so often`() {
    var parcel = sent()
    var numbers: [Int] = []
    while let again = next(fate(parcel, .outOfOrder, reply(400, 300_317))) {
      #expect(again.fields["uuid"] != .text("u") && again.body == nil && !again.isUncertain)
      numbers.append(again.fields["sequence"]?.number ?? 0)
      let memory = Card.memory(parcel.memory, sending: again)
      parcel = SentParcel(
        lane: 7, kind: .card, parcel: again, memory: memory, trials: Trials(), ready: 5,
        started: 100, timeout: 10_000)
    }
    #expect(numbers == [1_001, 1_101, 11_101, 1_011_101])
    #expect(fate(parcel, .outOfOrder, reply(400, 300_317)) == certainlyDead)
  }

  @Test func `under a new number nothing has been sent yet`() {
    let low = SentParcel(
      lane: 7, kind: .card, parcel: sent(uncertain: true).parcel,
      memory: ["sequence": .number(2_000), "accepted": .number(2_000)], trials: Trials(), ready: 5,
      started: 100, timeout: 10_000)
    let again = next(fate(low, .outOfOrder, reply(400, 300_317)))
    #expect(again?.fields["sequence"] == .number(2_001))
    #expect(again?.isUncertain == false)
  }

  @Test func `a given number is not changed, and a given name that is known is done`() {
    #expect(
      fate(sent { $0.isNumberGiven = true }, .outOfOrder, reply(400, 300_317)) == certainlyDead)
    let named = sent { $0.isNameGiven = true }
    #expect(fate(named, .alreadyKnown, reply(400, 200_770)) == .delivered)
    // The name may be known only from the attempt whose number was too low.
    let renumbered = next(fate(named, .outOfOrder, reply(400, 300_317)))
    #expect(renumbered?.fields["uuid"] == .text("u") && renumbered?.renumbered == 1)
    let again = sent {
      $0.isNameGiven = true
      $0.renumbered = 1
    }
    #expect(fate(again, .alreadyKnown, reply(400, 200_770)) == certainlyDead)
  }

  private let refused = Verdict.refused(isDocumented: true)

  @Test func `refused, joined batches are taken apart and a single one dies`() {
    #expect(fate(sent(asks: [1, 2]), refused, reply(400, 10_002)) == .apart)
    #expect(fate(sent(), refused, reply(400, 10_002)) == certainlyDead)
    #expect(fate(sent(asks: [1, 2], kind: .session), refused, reply(400, 2_700_001)) == .apart)
    #expect(fate(sent(asks: [1, 2]), .unfit, reply(400, 300_301)) == .apart)
    // Its own first attempt may have made it unfit.
    let tried = sent(uncertain: true, asks: [1, 2])
    #expect(fate(tried, .unfit, reply(400, 300_301)) == .dead(mayHaveBeenApplied: true))
  }

  @Test func `among others a single one is tried four times, packed again each time`() {
    var trials = Trials()
    var tries = 1
    while case .again(_, let next, nil) = fate(
      sent(trials: trials), refused, reply(400, 10_002), inCompany)
    {
      trials = next
      tries += 1
    }
    #expect(tries == 4)
  }

  @Test func `what was given a name or a number has no other, and dies at once`() {
    for given in [sent { $0.isNameGiven = true }, sent { $0.isNumberGiven = true }] {
      #expect(fate(given, refused, reply(400, 10_002), inCompany) == certainlyDead)
    }
  }

  @Test func `all that waits for a card dies with it only where others have been found since`() {
    let spent = Trials(evidence: .ofContent, attempts: 3, failedAt: 120, failingSince: 100)
    #expect(fate(sent(trials: spent), .gone, reply(400, 200_750), inCompany) == certainlyDead)
    var circumstances = inCompany
    // Not if that was before this card's last attempt: an outage may have begun since.
    circumstances.health.recoveredAt = 110
    #expect(fate(sent(trials: spent), .gone, reply(400, 200_750), circumstances) == certainlyDead)
    circumstances.health.recoveredAt = 130
    #expect(fate(sent(trials: spent), .gone, reply(400, 200_750), circumstances) == .laneDead)
  }

  @Test func `once five have died nothing more does, and it stays as it was`() {
    var circumstances = alone
    circumstances.health.deaths = 5
    for (verdict, code) in [(refused, 10_002), (.gone, 200_740), (.busy, 200_810)] {
      var old = sent(uncertain: true)
      old = SentParcel(
        lane: 7, kind: .card, parcel: old.parcel, memory: old.memory,
        trials: Trials(attempts: 9, failedAt: 1, failingSince: 0), ready: 5, started: 100,
        timeout: 10_000)
      guard case .again(_, _, let same?) = fate(old, verdict, reply(400, code), circumstances)
      else {
        Issue.record("\(verdict)")
        continue
      }
      #expect(same.fields == old.parcel.fields && same.isUncertain)
    }
  }

  @Test func `what would have died and may have been applied is repeated as it was`() {
    var circumstances = inCompany
    circumstances.health.deaths = 5
    circumstances.health.recoveredAt = 150
    let worn = Trials(evidence: .ofNothing, attempts: 7, failedAt: 120, failingSince: 100)
    let same = next(fate(sent(trials: worn), .tryAgain, .noAnswer("closed"), circumstances))
    #expect(same?.fields == sent().parcel.fields && same?.isUncertain == true)
  }

  @Test func `the last of many failures does not make certain what an earlier one left open`() {
    var circumstances = inCompany
    circumstances.health.recoveredAt = 150
    let worn = Trials(evidence: .ofNothing, attempts: 6, failedAt: 120, failingSince: 100)
    let failed = reply(400, 1_500)
    #expect(
      fate(sent(uncertain: true, trials: worn), .tryAgain, failed, circumstances)
        == .dead(mayHaveBeenApplied: true))
    #expect(fate(sent(trials: worn), .tryAgain, failed, circumstances) == certainlyDead)
  }

  @Test func `a given name that was refused before proves nothing when it is known`() {
    let named = sent { $0.isNameGiven = true }
    let refusedOnce = next(
      fate(named, .refused(isDocumented: false), reply(400, 424_242), inCompany))
    #expect(refusedOnce?.renamed == 1)
  }

  @Test func `a limit costs no attempt and changes nothing`() {
    let again = fate(sent(uncertain: true), .limited, reply(429, 99_991_400))
    #expect(again == .again(ready: 216, Trials(limits: 1), sent(uncertain: true).parcel))
  }

  @Test func `a session is packed again, and what may arrive late is waited for`() {
    let lost = sent(kind: .session).settle(
      .noAnswer("timed out"), .tryAgain, at: 200, alone, terms)
    #expect(lost.slot == Moment(10_100) && next(lost.fate) == nil)
    let card = sent().settle(
      .noAnswer("timed out"), .tryAgain, at: 200, alone, terms)
    #expect(card.slot == Moment(216))
  }
}
