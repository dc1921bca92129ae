import Chance

/// Histories in which backends record which previews show what, and ask by key and by URL.
extension HistoryMaker {
  mutating func makeKeyed() {
    setup.accounts = setup.accounts.map { account in
      var account = account
      account.monthlyQuota = nil
      return account
    }
    let end = dice.number(8_000...dice.pick([20_000, 60_000, 240_000]))
    var showing = Showing(accounts: setup.accounts, mayBeBad: dice.chance(400), &dice)
    makeShown(&showing, until: end, asks: dice.number(2...dice.pick([6, 20, 60])), mayFail: true)
    for _ in 0..<dice.number(0...dice.pick([5, 40])) {
      add(dice.number(0...end), .ask([showing.direct(&dice)], askerOfKeys(mayFail: true)))
    }
    for _ in 0..<dice.number(0...10) {
      add(dice.number(0...end), .ask([crowd.wish(&dice)], anyAsker))
    }
    makePeopleOfKeys(showing, until: end)
    makeTroublesOfKeys(until: end)
    makePassingRefusals(of: showing, until: end)
    let pause = dice.pick([200, 1_000, 5_000, 20_000])
    let isCron = dice.chance(250)
    let goal: Goal =
      isCron ? dice.pick([.once, .untilEmpty, .seconds(dice.number(1...30))]) : .stay
    for at in stride(from: dice.number(0...3_000), to: end, by: pause) { add(at, .start(goal)) }
    let deadline = end + 3 * Self.recovery
    for at in stride(from: end, to: deadline, by: 20_000) { add(at, .start(.stay)) }
    add(deadline, .deadline(within: nil))
  }

  private mutating func makePeopleOfKeys(_ showing: Showing, until end: Int) {
    guard dice.chance(600) else { return }
    for _ in 0..<dice.magnitude(1...12) {
      let at = dice.number(0...end)
      switch dice.number(0...6) {
      case 0, 1: add(at, .cancel(lane: showing.name(&dice)))
      case 2: add(at, .cancel(lane: showing.direct(&dice).lane))
      case 3: add(at, .delete(name: showing.name(&dice)))
      case 4: add(at, .retry)
      default: add(at, .forget(showing.oblivion(&dice)))
      }
    }
  }

  private mutating func makeTroublesOfKeys(until end: Int) {
    if dice.chance(500) {
      for _ in 0..<dice.number(1...dice.pick([3, 12, 40])) {
        let cut = Deed.powerCut(trigger(), off: dice.number(500...20_000), clockError: 0)
        add(dice.number(0...end), dice.chance(150) ? cut : .kill(trigger()))
      }
    }
    if dice.chance(150) { add(0, .kill(.eachNewStatement(dice.chance(500) ? .before : .after))) }
    if dice.chance(400) {
      let faults = Fault.network + [.internalError, .limitedWithout, .refusedWithoutReason]
      for _ in 0..<dice.number(1...3) {
        let permille = dice.pick([50, 200, 500])
        add(
          dice.number(0...end / 2),
          .weather(
            Weather(
              fault: dice.pick(faults), permille: permille, milliseconds: dice.number(1...end / 2)))
        )
      }
    }
    if dice.chance(250) {
      let refusals = dice.chance(500) ? Refusal.anywhere : Refusal.ofContent(.preview)
      let outage = Outage(
        saying: dice.pick(refusals), api: .preview, milliseconds: dice.number(1_000...end))
      add(dice.number(0...end), .outage(outage))
    }
    if dice.chance(150) {
      add(dice.number(0...end), .lock(milliseconds: dice.number(1...9_000)))
    }
    if dice.chance(100) {
      add(dice.number(0...end), .fullDisk(milliseconds: dice.number(1...9_000)))
    }
    if dice.chance(100) { add(dice.number(0...end), .diskError(after: dice.magnitude(1...60))) }
  }

  /// A preview is refused for some seconds and then no longer, so that of two asks one fails and the
  /// next does not. Its own dice leave the rest of the history as it is.
  private mutating func makePassingRefusals(of showing: Showing, until end: Int) {
    var own = Dice(seed, 7)
    guard own.chance(400) else { return }
    for _ in 0..<own.number(1...own.pick([2, 10])) {
      let outage = Outage(
        saying: Refusal(status: 400, code: 230_001), api: .preview,
        lane: showing.direct(&own).lane, milliseconds: own.number(100...8_000))
      add(own.number(0...end), .outage(outage))
    }
  }

  /// Sightings and asks. Asks come in bursts, so that some find others waiting.
  private mutating func makeShown(
    _ showing: inout Showing, until end: Int, asks: Int, mayFail: Bool
  ) {
    let sightings = dice.number(3...dice.pick([10, 40, 100]))
    for number in 0..<sightings {
      // Most previews are seen before anybody asks.
      let at = number < sightings / 2 || dice.chance(300) ? 0 : dice.number(0...end)
      let seen = (0..<dice.pick([1, 1, 2, 5])).map { _ in showing.sighting(&dice) }
      add(at, .see(seen, askerOfKeys(mayFail: mayFail)))
    }
    if dice.chance(150) {
      add(dice.number(0...end), .see(showing.crowdedSighting(&dice), .plainSQL))
    }
    var made = 0
    while made < asks {
      let at = dice.number(0...end)
      let isSame = dice.chance(500)
      var wish = showing.wish(&dice, mayWait: mayFail)
      for _ in 0..<dice.pick([1, 1, 2, 3, 8]) {
        if !isSame { wish = showing.wish(&dice, mayWait: mayFail) }
        made += 1
        let late = dice.pick([0, 0, dice.number(0...300), dice.number(0...8_000)])
        let many = [Wish](repeating: wish, count: dice.pick([1, 1, 1, 3]))
        add(min(end, at + late), .ask(many, askerOfKeys(mayFail: mayFail)))
      }
    }
  }

  private mutating func askerOfKeys(mayFail: Bool) -> Asker {
    switch dice.number(0...99) {
    case 90..<95 where mayFail: .rollsBack
    case 95..<100 where mayFail: .dies(atStatement: dice.magnitude(1...40))
    case 0..<50: .swift
    default: .plainSQL
    }
  }

  /// Adds a few asks by key and URL to a history of another theme. Its own dice leave the rest of the
  /// history as it is.
  mutating func addKeys() {
    guard theme.mayHaveKeys else { return }
    if theme == .flooded { addLargeKey() }
    let usual = dice
    dice = Dice(seed, 5)
    defer { dice = usual }
    guard dice.chance(250) else { return }
    let last = steps.reduce(0) { last, step in
      if case .ask = step.deed { max(last, step.at) } else { last }
    }
    var showing = Showing(
      accounts: setup.accounts, mayBeBad: theme.hasWeather && dice.chance(300), &dice)
    makeShown(
      &showing, until: max(1, last), asks: dice.number(1...10),
      mayFail: theme.hasWeather || theme == .killed)
    if theme.hasWeather { makePeopleOfKeys(showing, until: max(1, last)) }
  }

  /// Sometimes one key with more previews than fit into a few calls, which others must not wait for.
  private mutating func addLargeKey() {
    var own = Dice(seed, 8)
    guard own.chance(400) else { return }
    let account = setup.accounts[own.number(0...setup.accounts.count - 1)].name
    let previews = own.number(30...150)
    // One after the other, so that it is known which is the newest.
    for number in 0..<previews {
      let preview = SeenPreview(
        account: account, token: "large-\(number)", keys: ["large"], url: nil, person: nil)
      add(number, .see([preview], .plainSQL))
    }
    let asks = steps.compactMap { step in
      if case .ask = step.deed { step.at } else { nil }
    }
    let wish = Wish(account: account, what: .shown(.key, "large", .everyone))
    add(previews + own.number(0...(asks.max() ?? 0)), .ask([wish], .plainSQL))
  }
}
