import Chance

/// Histories with a plot: what the server refuses and for how long, and when everything must be
/// done.
extension HistoryMaker {
  mutating func makePlot() {
    switch theme {
    case .outage: makeOutages(spells: 1)
    case .flapping: makeOutages(spells: dice.number(3...25))
    case .unlucky: makeBadLuck()
    case .lonely: makeLonely()
    case .late: makeLate()
    case .sharedToken: makeSharedToken()
    case .sharedBudget: makeSharedBudget()
    case .months: makeMonths()
    case .namespaces: makeNamespaces()
    case .crowded: makeCrowd()
    case .wide: makeWide()
    case .fleeting: makeFleeting()
    case .exhausted: makeExhausted()
    case .reloaded: makeReloaded()
    case .restarted: makeRestarted()
    case .foretold: makeForetold()
    case .keyed: makeKeyed()
    case .tenanted: makeTenanted()
    case .calm, .flooded, .spent, .deadly, .killed, .troubled: break
    }
  }

  /// The longest pauses add up to less than this: a probe every 10 minutes or a parked account
  /// every 15 minutes, and a refused lane that waits 10 minutes more.
  static let recovery = 2_400_000

  private mutating func makeOutages(spells: Int) {
    var at = dice.number(0...60_000)
    let first = at
    // The same outages in each spell: it is one trouble that comes and goes.
    let all = outages()
    for _ in 0..<spells {
      let span = spells == 1 ? longSpan() : dice.magnitude(1_000...180_000)
      for outage in all {
        var outage = outage
        outage.milliseconds = span
        add(at, .outage(outage))
      }
      at += span + dice.magnitude(200...60_000)
    }
    let end = at
    // Most asks come around the beginning of the outage.
    let count = dice.number(1...dice.pick([8, 40, 120]))
    for _ in 0..<count {
      let latest = dice.pick([first, first, first + 20_000, first + 60_000, end])
      let earliest = dice.chance(500) ? max(0, first - 2_000) : 0
      add(
        dice.number(min(earliest, latest)...latest),
        .ask([crowd.wish(&dice)], anyAsker))
    }
    let deadline = end + Self.recovery + 3_000 * count
    makeRuns(until: deadline)
    if dice.chance(250) {
      for _ in 0..<dice.number(1...12) { add(dice.number(0...end), .kill(trigger())) }
    }
    add(deadline, .deadline(within: nil))
  }

  /// From a minute to hours, and occasionally more than a day.
  private mutating func longSpan() -> Int {
    let minutes = dice.pick([2, 5, 15, 60, 60, 240, dice.chance(100) ? 1_800 : 30])
    return dice.number(minutes * 30_000...minutes * 60_000)
  }

  /// On all channels, on one account, or on each API with its own answer.
  private mutating func outages() -> [Outage] {
    switch dice.number(0...3) {
    case 0:
      let isHost = dice.chance(400)
      return [
        Outage(saying: dice.pick(Refusal.anywhere), includesAuth: isHost, milliseconds: 0)
      ]
    case 1:
      let account = dice.pick(setup.accounts).name
      return [Outage(saying: dice.pick(Refusal.anywhere), account: account, milliseconds: 0)]
    default:
      return [Called.API.preview, .card, .session].map { api in
        let refusals = dice.chance(600) ? Refusal.ofContent(api) : Refusal.anywhere
        return Outage(saying: dice.pick(refusals), api: api, milliseconds: 0)
      }
    }
  }

  /// Starts workers like systemd, which keeps one running, or like cron, which starts one every
  /// minute.
  mutating func makeRuns(until end: Int) {
    let isCron = dice.chance(500)
    let goal: Goal = isCron ? dice.pick([.once, .seconds(55), .untilEmpty]) : .stay
    let pause = isCron ? 60_000 : max(10_000, end / 1_000)
    for at in stride(from: dice.number(0...2_000), to: end, by: pause) { add(at, .start(goal)) }
  }

  private mutating func makeBadLuck() {
    let unlucky = Weather(fault: .refusedWithoutReason, permille: 50, milliseconds: 86_400_000)
    add(0, .weather(unlucky))
    // A lane alone in the queue may be taken for malformed, so no lane is alone here for long.
    for _ in 0..<dice.number(100...400) {
      add(dice.number(0...2_000), .ask([crowd.wish(&dice)], anyAsker))
    }
    for at in stride(from: 0, to: 600_000, by: 10_000) { add(at, .start(.stay)) }
    add(600_000, .deadline(within: nil))
  }

  private mutating func makeLate() {
    let span = dice.number(10_000...60_000)
    for fault in [Fault.lostAfter, .heldUp] where dice.chance(800) {
      let permille = dice.pick([100, 200, 300])
      add(0, .weather(Weather(fault: fault, permille: permille, milliseconds: span)))
    }
    for _ in 0..<dice.number(60...200) {
      add(dice.number(0...span / 4), .ask([crowd.wish(&dice)], anyAsker))
    }
    let pause = dice.pick([200, 500, 5_000])
    let deadline = span + 600_000
    // A kill that has found no worker waits for the next one. There are more runs than kills, so that the
    // last runs are left alone.
    for at in stride(from: 0, to: deadline, by: pause) where at <= span || at % 5_000 == 0 {
      add(at, .start(.stay))
    }
    if dice.chance(800) {
      for _ in 0..<dice.number(4...dice.pick([20, 60])) {
        add(dice.number(0...span), .kill(trigger()))
      }
    }
    // Updates one session repeatedly: a late request must not overwrite a newer one.
    var moment = dice.number(0...2_000)
    for number in 0..<dice.number(5...30) where moment < span {
      let what = Wish.What.session("session_90", ["metadata": "late\(number)"])
      add(moment, .ask([Wish(account: setup.accounts[0].name, what: what)], anyAsker))
      moment += dice.number(200...4_000)
    }
    add(deadline, .deadline(within: nil))
  }

  private mutating func makeLonely() {
    crowd.beginLonely()
    var at = dice.number(0...5_000)
    for _ in 0..<dice.number(1...8) {
      add(at, .ask([crowd.wish(&dice)], anyAsker))
      at += dice.number(60_000...600_000)
    }
    for moment in stride(from: 0, to: at, by: 30_000) { add(moment, .start(.stay)) }
  }

  private mutating func makeCrowd() {
    let account = setup.accounts[0].name
    let end = dice.number(5_000...40_000)
    let people = dice.pick([1, 40, 150, 600])
    let expiry = dice.chance(500) ? 20_000 : 0
    for _ in 0..<dice.number(1...3) {
      let wishes = (0..<dice.number(300...1_200)).map { _ in
        let person = "ou_\(dice.number(1...people))"
        var wish = Wish(account: account, what: .preview("good-0-90", people: [person]))
        if expiry > 0, dice.chance(300) { wish.expiresIn = dice.number(1...expiry) }
        return wish
      }
      add(dice.number(0...end), .ask(wishes, anyAsker))
    }
    for _ in 0..<dice.number(0...30) {
      add(dice.number(0...end), .ask([crowd.wish(&dice)], anyAsker))
    }
    if dice.chance(300) { add(dice.number(0...end), .cancel(lane: "good-0-90")) }
    for at in stride(from: 0, to: end + 600_000, by: 1_000) { add(at, .start(.stay)) }
    for _ in 0..<dice.number(3...30) {
      let trigger = dice.chance(700) ? .part(dice.magnitude(1...6)) : trigger()
      add(dice.number(0...end), .kill(trigger))
    }
    add(end + 600_000, .deadline(within: nil))
  }

  private mutating func makeWide() {
    let account = setup.accounts[0].name
    let end = dice.number(10_000...60_000)
    let people = (1...dice.number(101...350)).map { "ou_\($0)" }
    let tokens = (0..<dice.number(2...4)).map { "good-0-\(60 + $0)" }
    for _ in 0..<dice.number(8...40) {
      let wish = Wish(account: account, what: .preview(dice.pick(tokens), people: people))
      add(dice.number(0...end), .ask([wish], anyAsker))
    }
    for at in stride(from: 0, to: end + 300_000, by: 5_000) { add(at, .start(.stay)) }
    add(end + 300_000, .deadline(within: nil))
  }

  private mutating func makeFleeting() {
    let account = setup.accounts[0].name
    var at = 0
    for number in 0..<dice.number(5...20) {
      // Nothing else is asked in between, because that would wake the worker.
      at += dice.number(60_000...180_000)
      let what = Wish.What.preview("good-0-\(50 + number % 3)", people: ["ou_1", "ou_2"])
      var wish = Wish(account: account, what: what)
      wish.expiresIn = dice.number(200...9_000)
      add(at, .ask([wish], anyAsker))
    }
    let fault = dice.pick([Fault.lostBefore, .answerLost, .internalError])
    add(0, .weather(Weather(fault: fault, permille: 600, milliseconds: at)))
    for moment in stride(from: 0, to: at + 60_000, by: 30_000) { add(moment, .start(.stay)) }
  }

  private mutating func makeExhausted() {
    let begin = dice.number(0...60_000)
    let outage = Outage(
      saying: .spent, account: dice.chance(300) ? dice.pick(setup.accounts).name : nil,
      api: dice.pick([.preview, .card]), milliseconds: longSpan())
    add(begin, .outage(outage))
    let end = begin + outage.milliseconds
    for _ in 0..<dice.number(4...dice.pick([8, 40, 120])) {
      add(dice.number(0...dice.pick([begin + 20_000, end])), .ask([crowd.wish(&dice)], anyAsker))
    }
    // After such an answer the worker tries once an hour.
    let deadline = end + 3_600_000 + Self.recovery
    makeRuns(until: deadline)
    if dice.chance(250) {
      for _ in 0..<dice.number(1...12) { add(dice.number(0...end), .kill(trigger())) }
    }
    add(deadline, .deadline(within: nil))
  }

  private mutating func makeRestarted() {
    let end = dice.number(10_000...60_000)
    for _ in 0..<dice.number(40...150) {
      add(dice.number(0...end), .ask([crowd.wish(&dice)], anyAsker))
    }
    for _ in 0..<dice.number(3...12) {
      let error = dice.number(0...dice.pick([10_000, 3_700_000]))
      add(
        dice.number(0...end),
        .powerCut(
          .answer(dice.magnitude(1...4)), off: dice.magnitude(500...3_000), clockError: error))
    }
    for at in stride(from: 0, to: end, by: 500) { add(at, .start(.stay)) }
    let deadline = end + Self.recovery
    for at in stride(from: end, to: deadline, by: 10_000) { add(at, .start(.stay)) }
    add(deadline, .deadline(within: nil))
  }

  /// Bursts, with questions while they are worked off.
  private mutating func makeForetold() {
    setup.isInstant = true
    setup.route = Route(stretches: [.steady(&dice)])
    var at = dice.number(0...3_000)
    for _ in 0..<dice.number(2...6) {
      for _ in 0..<dice.number(1...dice.pick([5, 40, 150])) {
        add(
          at + (dice.chance(700) ? 0 : dice.number(0...2_000)), .ask([crowd.wish(&dice)], anyAsker))
      }
      // Most questions are asked when the burst is over, so that nothing new comes in between.
      for _ in 0..<dice.number(5...30) {
        let earliest = dice.chance(150) ? 0 : 2_001
        add(at + dice.number(earliest...dice.pick([3_000, 6_000, 12_000])), .foretell(lanes: 4))
      }
      at += dice.magnitude(12_000...120_000)
    }
    for moment in stride(from: dice.number(0...2_000), to: at + 300_000, by: 30_000) {
      add(moment, .start(.stay))
    }
    add(at + 300_000, .deadline(within: nil))
  }

  var anyAsker: Asker {
    mutating get { dice.chance(500) ? .swift : .plainSQL }
  }
}
