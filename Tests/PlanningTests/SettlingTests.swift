import Planning
import Testing

struct SettlingTests {
  let refused = Answer.reply(Reply(status: 400, code: 230_001, message: "param is invalid"))
  let window = Preview.window + Limits.roundingMargin

  func call(_ lanes: [ClaimedLane], _ audience: Audience = crowd(3)) -> ClaimedCall {
    ClaimedCall(
      id: 1, channel: Channel(account: 1, kind: .preview), started: 1_000, timeout: 10_000,
      lanes: lanes, load: .audience(audience))
  }

  func lanes(_ count: Int) -> [ClaimedLane] {
    (1...count).map { ClaimedLane(id: $0, wants: crowd(3)) }
  }

  func settle(
    _ call: ClaimedCall, _ answer: Answer, at now: Moment = 1_050, isIdle: Bool = true,
    isAlone: Bool = true, health: Health = Health(), dice: UInt64 = .max
  ) -> Settlement {
    call.settle(
      answer, Verdict(of: answer, from: .preview), at: now,
      Circumstances(isIdle: isIdle, isAlone: isAlone, health: health),
      PackingTerms(joins: true, secondsSince1970: 0, dice: [dice]))
  }

  /// A channel on which something has succeeded at this moment, after a failure.
  func recovered(at moment: Moment) -> Health {
    var health = Health()
    health.recoveredAt = moment
    return health
  }

  private func failing(_ attempts: Int = 0) -> Trials {
    Trials(evidence: .ofContent, attempts: attempts, failedAt: 1_050, failingSince: 1_050)
  }

  @Test func `the slot runs from the answer`() {
    let settled = settle(call(lanes(2)), .reply(Reply(status: 200, code: 0)))
    #expect(settled.slot == Moment(1_050) + window)
    #expect(settled.fates == [.delivered, .delivered])
  }

  @Test func `without an answer the slot runs from the moment the call has run out of time`() {
    let settled = settle(call(lanes(1)), .noAnswer("reset"), at: 1_050)
    #expect(settled.slot == Moment(11_000) + window)
  }

  @Test func `a call that never left uses no slot, costs no attempt and keeps its place`() {
    let trials = Trials(attempts: 7)
    let lane = ClaimedLane(id: 1, trials: trials, ready: 500, slot: 200, wants: crowd(3))
    let settled = settle(call([lane]), .neverLeft("no route"))
    #expect(settled.slot == nil)
    #expect(settled.fates == [.again(ready: 500, trials)])
  }

  /// Answers that say nothing about what was sent.
  static let ofNothing: [Answer] = [
    .noAnswer("timeout"), .reply(Reply(status: 502, code: nil)),
    .reply(Reply(status: 500, code: 2_200)), .reply(Reply(status: 503, code: 1_663)),
    .reply(Reply(status: 404, code: nil)),
  ]

  @Test(arguments: ofNothing)
  func `while nothing succeeds, a failure that may be an outage costs no attempt`(answer: Answer) {
    var trials = Trials()
    for round in 1...100 {
      let lane = ClaimedLane(id: 1, trials: trials, wants: crowd(3))
      guard
        case .again(_, let next, _) = settle(call([lane]), answer, at: Moment(round * 10_000))
          .fates[0]
      else {
        Issue.record("dead after \(round) failures")
        return
      }
      #expect(next.attempts == 0)
      trials = next
    }
  }

  @Test(arguments: ofNothing)
  func `where something else succeeds each time, the eighth failure is the last`(answer: Answer) {
    var trials = Trials()
    var failures = 1
    while true {
      let moment = Moment(failures * 10_000)
      let lane = ClaimedLane(id: 1, trials: trials, wants: crowd(3))
      let fate = settle(
        call([lane]), answer, at: moment, health: recovered(at: moment - 1_000)
      ).fates[0]
      guard case .again(_, let next, _) = fate else { break }
      trials = next
      failures += 1
    }
    #expect(failures == 8)
  }

  @Test func `being limited, or refused for the token or the app, costs no attempt`() {
    for code in [99_991_400, 99_991_403, 99_991_663, 99_991_672] {
      let lane = ClaimedLane(id: 1, trials: Trials(attempts: 7), wants: crowd(3))
      let settled = settle(call([lane]), .reply(Reply(status: 400, code: code)))
      let limits = code == 99_991_400 ? 1 : 0
      #expect(settled.fates == [.again(ready: 1_050 + window, Trials(attempts: 7, limits: limits))])
    }
  }

  @Test func `a failure in between ends a series of limits`() {
    #expect(Trials(limits: 1).failing(.ofNothing, at: 5).limits == 0)
  }

  @Test func `limited again and again by itself, a lane lets the others go first`() {
    let limited = Answer.reply(Reply(status: 429, code: 99_991_400))
    var health = Health()
    health.failures = 1
    let often = ClaimedLane(id: 1, trials: Trials(limits: 6), wants: crowd(3))
    let settled = settle(call([often]), limited, isIdle: false, isAlone: false, health: health)
    #expect(settled.fates == [.again(ready: 1_050 + 60_000, Trials(limits: 7))])
  }

  @Test func `limited a second time, lanes go apart, and one alone ever more rarely`() {
    let limited = Answer.reply(Reply(status: 429, code: 99_991_400))
    let soon = Moment(1_050 + window)
    let lanes = (1...4).map { ClaimedLane(id: $0, trials: Trials(limits: 1), wants: crowd(3)) }
    #expect(
      settle(call(lanes), limited, isIdle: false).fates
        == [0, 0, 1, 1].map { .suspect(group: $0, ready: soon, Trials(limits: 2)) })
    let often = ClaimedLane(id: 1, trials: Trials(limits: 5), wants: crowd(3))
    #expect(
      settle(call([often]), limited).fates
        == [.suspect(group: 0, ready: 1_050 + 32_000, Trials(limits: 6))])
  }

  @Test func `a refused call is taken apart one by one when calls are to spare`() {
    #expect(
      settle(call(lanes(5)), refused).fates
        == (0..<5).map { .suspect(group: $0, ready: 1_050 + window, failing()) })
  }

  @Test func `and by halves when they are not`() {
    let fates = settle(call(lanes(5)), refused, isIdle: false).fates
    #expect(
      fates == [0, 0, 0, 1, 1].map { .suspect(group: $0, ready: 1_050 + window, failing()) })
  }

  @Test func `three are taken apart one by one in any case`() {
    let fates = settle(call(lanes(3)), refused, isIdle: false).fates
    #expect(fates == (0..<3).map { .suspect(group: $0, ready: 1_050 + window, failing()) })
  }

  @Test func `a token alone is sent to half of its people`() {
    let lane = ClaimedLane(id: 1, wants: crowd(100))
    #expect(settle(call([lane], crowd(100)), refused).fates == [.narrower(peopleMax: 50)])
  }

  @Test
  func `a token refused for everyone, or for its only person, is dead if nothing else is there`() {
    // Of a single person nobody can tell whether it is the person.
    for (wants, fate) in [(Audience.everyone, Fate.tokenRefused), (crowd(1), .dead())] {
      let settled = settle(call([ClaimedLane(id: 1, wants: wants)], wants), refused)
      #expect(settled.fates == [fate])
    }
  }

  /// How often a lane that is alone in its calls is sent before it dies; nil if it survives a
  /// hundred.
  private func tries(
    _ answer: Answer, gap: Span = 6_000, health: (Moment) -> Health = { _ in Health() }
  ) -> Int? {
    var trials = Trials()
    for tries in 1...100 {
      let lane = ClaimedLane(id: 1, trials: trials, wants: .everyone)
      let moment = Moment(tries * gap)
      let settled = settle(
        call([lane], .everyone), answer, at: moment, isAlone: false, health: health(moment))
      guard case .suspect(_, _, let next) = settled.fates[0] else { return tries }
      trials = next
    }
    return nil
  }

  @Test func `among others it is refused four times before that is believed`() {
    #expect(tries(refused) == 4)
  }

  @Test func `another lane that was refused before makes it one among others`() {
    var health = Health()
    health.refusals = 1
    health.refusedLane = 2
    let lane = ClaimedLane(id: 1, wants: .everyone)
    #expect(!settle(call([lane], .everyone), refused, health: health).fates[0].isDeath)
    health.refusedLane = 1
    #expect(settle(call([lane], .everyone), refused, health: health).fates == [.tokenRefused])
  }

  @Test func `a code that nobody has documented is believed where others succeed in between`() {
    for answer in [Reply(status: 400, code: 424_242), Reply(status: 200, code: 424_242)] {
      #expect(tries(.reply(answer)) == nil)
      #expect(tries(.reply(answer)) { recovered(at: $0 - 1_000) } == 4)
    }
  }

  @Test
  func
    `with nothing to compare it with it waits for as long as it has failed, ten minutes at most`()
  {
    let unheardOf = Answer.reply(Reply(status: 400, code: 424_242))
    for (since, wait) in [(1_000, 6_000), (1_000_000, 600_000)] {
      let lane = ClaimedLane(
        id: 1,
        trials: Trials(evidence: .undocumented, failedAt: 0, failingSince: Moment(1_050 - since)),
        wants: .everyone)
      guard
        case .suspect(_, let ready, _) = settle(call([lane], .everyone), unheardOf).fates[0]
      else {
        Issue.record("it is not tried again")
        return
      }
      #expect(abs(ready - Moment(1_050) - wait) <= 1_000)
    }
  }

  @Test func `failures of one kind say nothing about another`() {
    let worn = Trials(
      evidence: .ofNothing, attempts: 7, failedAt: 0, failingSince: Moment(-.days(2)))
    let lane = ClaimedLane(id: 1, trials: worn, wants: .everyone)
    for code in [230_001, 424_242] {
      let answer = Answer.reply(Reply(status: 400, code: code))
      let settled = settle(
        call([lane], .everyone), answer, isAlone: false, health: recovered(at: 500))
      #expect(!settled.fates[0].isDeath, "\(code)")
    }
  }

  @Test func `where nothing else works either, an unknown code or a limit takes nothing apart`() {
    var health = Health()
    health.failures = 2
    let lanes = (1...4).map { ClaimedLane(id: $0, trials: Trials(limits: 1), wants: crowd(3)) }
    for answer in [Reply(status: 400, code: 424_242), Reply(status: 429, code: 99_991_400)] {
      let fates = settle(call(lanes), .reply(answer), isAlone: false, health: health).fates
      for fate in fates {
        guard case .again = fate else {
          Issue.record("\(fate)")
          continue
        }
      }
    }
  }

  @Test func `and with nothing to compare it with, after a day`() {
    #expect(tries(.reply(Reply(status: 400, code: 424_242)), gap: .hours(1)) == 25)
  }

  @Test func `once five have died nothing more does`() {
    var health = Health()
    health.deaths = 4
    let worn = Trials(evidence: .ofNothing, attempts: 7, failedAt: 0, failingSince: 0)
    let lanes = (1...3).map { ClaimedLane(id: $0, trials: worn, wants: crowd(3)) }
    health.recoveredAt = 1
    let failed = settle(call(lanes), .noAnswer("timeout"), health: health)
    #expect(failed.fates.count { $0 == .dead() } == 1)
    health.deaths = 5
    #expect(!settle(call(lanes), .noAnswer("timeout"), health: health).fates.contains(.dead()))
    let alone = settle(
      call([ClaimedLane(id: 1, wants: .everyone)], .everyone), refused, health: health)
    #expect(alone.fates == [.again(ready: 1_050 + window, failing())])
  }

  @Test func `a person refused alone four times is to blame once the token has gone through`() {
    let tried = Trials(evidence: .ofContent, attempts: 2, failedAt: 900, failingSince: 500)
    let third = ClaimedLane(id: 1, trials: tried, wants: crowd(9), isProven: true)
    guard case .suspect(_, _, let trials) = settle(call([third], crowd(1)), refused).fates[0] else {
      Issue.record("it was believed the third time")
      return
    }
    let last = ClaimedLane(id: 1, trials: trials, wants: crowd(9), isProven: true)
    #expect(
      settle(call([last], crowd(1)), refused).fates
        == [.peopleRefused(crowd(1), strikes: 0, isCertain: false)])
    // Other lanes learn of it only if something has succeeded since.
    #expect(
      settle(call([last], crowd(1)), refused, health: recovered(at: 600)).fates
        == [.peopleRefused(crowd(1), strikes: 0, isCertain: true)])
  }

  @Test func `a token that goes through for none of three people is to blame itself`() {
    for (strikes, fate) in [
      (0, Fate.peopleRefused(crowd(1), strikes: 1, isCertain: false)),
      (1, .peopleRefused(crowd(1), strikes: 2, isCertain: false)),
      (2, .tokenRefused),
    ] {
      let lane = ClaimedLane(id: 1, wants: crowd(9), strikes: strikes)
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
          .peopleRefused(crowd(1, from: 1), strikes: 0, isCertain: false),
          .peopleRefused(crowd(1, from: 1), strikes: 0, isCertain: false),
        ])
  }

  @Test func `an answer that repeats all open_ids names nobody`() {
    let all = Answer.reply(
      Reply(status: 400, code: 99_992_351, objections: "ou_1000000 ou_1000001 ou_1000002"))
    for fate in settle(call(lanes(2)), all).fates {
      if case .peopleRefused = fate { Issue.record("all of them are blamed") }
    }
  }
}
