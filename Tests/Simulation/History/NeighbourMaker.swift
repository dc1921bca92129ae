import Chance

/// Histories in which other programs use the same app, the clock crosses a month, or runs are in
/// several time namespaces.
extension HistoryMaker {
  private static let tooMany: [Refusal] = [
    Refusal(status: 429, code: 99_991_400), Refusal(status: 400, code: 99_991_400),
    Refusal(status: 429, code: 99_991_400, headers: ["x-ogw-ratelimit-reset": "1"]),
    Refusal(status: 429, code: 99_991_400, headers: ["x-ogw-ratelimit-reset": "7"]),
    Refusal(status: 429), Refusal(status: 200, code: 230_020),
  ]

  /// Up to ten tokens with one audience, so that they are packed together. One of them always
  /// fails.
  mutating func makeSharedToken() {
    let account = setup.accounts[0].name
    let people: [String]? = dice.chance(500) ? nil : ["ou_1", "ou_2"]
    let tokens = (0..<dice.number(2...10)).map { "good-0-\(90 + $0)" }
    let shared = dice.pick(tokens)
    add(
      0,
      .outage(
        Outage(
          saying: dice.pick(Self.tooMany), api: .preview, lane: shared, milliseconds: 86_400_000)))
    var last = 0
    for _ in 0..<dice.number(1...6) {
      for token in tokens where dice.chance(900) {
        add(
          last + dice.number(0...100),
          .ask([Wish(account: account, what: .preview(token, people: people))], anyAsker))
      }
      last += dice.number(1_000...120_000)
    }
    for _ in 0..<dice.number(0...20) {
      add(dice.number(0...last), .ask([crowd.wish(&dice)], anyAsker))
    }
    // It takes several refusals, each with a pause, to find out which token it is. A run of cron
    // may end before that.
    let within = 420_000
    // The shared token fails alone for a while, with asks for others before and after each time.
    add(last, .ask([Wish(account: account, what: .preview(shared, people: nil))], anyAsker))
    for number in 0..<12 {
      let what = Wish.What.preview("good-0-\(70 + number)", people: people)
      last += 5_300
      add(last, .ask([Wish(account: account, what: what)], anyAsker))
    }
    makeRuns(until: last + within)
    add(last + within, .deadline(within: within))
  }

  mutating func makeSharedBudget() {
    let account = setup.accounts[0]
    let span = dice.number(10_000...120_000)
    add(
      0,
      .foreign(
        Foreign(
          account: account.name, perSecond: dice.number(1...max(1, account.callsPerSecond - 1)),
          milliseconds: span, refusal: dice.pick(Self.tooMany))))
    for _ in 0..<dice.number(2...60) {
      add(dice.number(0...span), .ask([crowd.wish(&dice)], anyAsker))
    }
    let deadline = span + 900_000
    makeRuns(until: deadline)
    add(deadline, .deadline(within: nil))
  }

  /// Starts within hours of the end of November in Beijing. The clock is set to the other side of
  /// it and back.
  mutating func makeMonths() {
    let end = 1_701_360_000_000
    let distance = dice.number(-36_000_000...72_000_000)
    setup.wallClock_ms = end - distance
    let length = dice.number(300_000...3_600_000)
    let isBefore = distance > length / 2
    var at = dice.number(60_000...length / 3)
    for _ in 0..<dice.number(1...3) {
      let by = abs(distance) + dice.number(300_000...7_200_000)
      add(at, .setClock(by: isBefore ? by : -by))
      at += dice.number(90_000...length / 2)
      add(at, .setClock(by: isBefore ? -by : by))
      at += dice.number(90_000...length / 2)
    }
    for _ in 0..<dice.number(5...60) {
      add(dice.number(0...at), .ask([crowd.wish(&dice)], anyAsker))
    }
    makeRuns(until: at)
  }

  mutating func makeNamespaces() {
    setup.hasBootNames = dice.chance(700)
    let length = dice.number(20_000...300_000)
    let offsets = [
      0, dice.pick([-1, 1]) * dice.magnitude(100...864_000_000), dice.number(1...60_000),
    ]
    let goal: Goal = dice.pick([.once, .seconds(5), .untilEmpty, .stay])
    // Asked for on both sides of a change: the next worker may not yet repeat what the last one
    // sent.
    let returning = Wish(
      account: setup.accounts[0].name, what: .preview("good-0-90", people: nil))
    var at = 0
    while at < length {
      add(at, .namespace(offset: dice.pick(offsets)))
      add(at, .start(goal))
      for moment in [at - dice.number(0...3_000), at + dice.number(0...2_000)] where moment >= 0 {
        if dice.chance(700) { add(moment, .ask([returning], anyAsker)) }
      }
      at += dice.magnitude(200...30_000)
      if !goal.hasEnd { add(at, dice.chance(500) ? .end : .kill(trigger())) }
      at += dice.number(1...200)
    }
    for _ in 0..<dice.number(2...40) {
      add(dice.number(0...length), .ask([crowd.wish(&dice)], anyAsker))
    }
    if dice.chance(300) { add(dice.number(0...length), .kill(trigger())) }
    // Nothing else asks for these, so a call that goes too early is noticed.
    for number in 0..<dice.number(1...6) {
      let what = Wish.What.preview("good-0-\(80 + number)", people: ["ou_77"])
      let held = Wish(
        account: setup.accounts[0].name, what: what, after: dice.number(2_000...20_000))
      add(dice.number(0...length), .ask([held], anyAsker))
    }
    // Allows one charge (slot plus call timeout) for each lane, however often workers change, and
    // time for the budget.
    let deadline = length + 120_000
    for moment in stride(from: length, to: deadline, by: 10_000) { add(moment, .start(.stay)) }
    add(deadline, .deadline(within: nil))
  }
}
