import Chance

/// Histories of the tenants of a store app.
extension HistoryMaker {
  mutating func makeTenanted() {
    let end = dice.magnitude(20_000...3_600_000)
    for _ in 0..<dice.number(10...120) {
      add(dice.number(0...end), .ask([crowd.wish(&dice)], anyAsker))
    }
    makeTickets(until: end)
    makeRemovals(until: end)
    if dice.chance(500) {
      let fault = dice.pick(
        Fault.network + [.limitedWithout, .credentialsWrong, .tokenRefused, .internalError])
      let permille = dice.pick([50, 200, 500])
      add(0, .weather(Weather(fault: fault, permille: permille, milliseconds: end)))
    }
    if dice.chance(600) {
      for _ in 0..<dice.number(1...12) { add(dice.number(0...end), .kill(trigger())) }
    }
    let deadline = end + Self.recovery
    // A run with an end leaves parked tenants to others.
    for at in stride(from: 0, to: deadline, by: 10_000) { add(at, .start(.stay)) }
    add(deadline, .deadline(within: nil))
  }

  private mutating func makeTickets(until end: Int) {
    let pause = dice.pick([20_000, 60_000, 600_000])
    // The first ticket may have been missed.
    if dice.chance(500) { add(0, .ticket(storedAfter: nil)) }
    var at = dice.number(1...pause)
    while at < end {
      add(at, .ticket(storedAfter: dice.chance(800) ? dice.magnitude(10...20_000) : nil))
      at += pause
    }
  }

  private mutating func makeRemovals(until end: Int) {
    for account in setup.accounts where dice.chance(400) {
      let at = dice.number(0...end)
      add(at, .install(account: account.name, isInstalled: false))
      add(dice.number(at...end), .install(account: account.name, isInstalled: true))
    }
  }
}
