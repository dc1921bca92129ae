import Chance

/// Histories in which the configuration changes while workers run.
extension HistoryMaker {
  mutating func makeReloaded() {
    let end = dice.number(8_000...60_000)
    // Enough that the budget is used up when the limits change.
    for _ in 0..<dice.number(60...300) {
      add(dice.number(0...end), .ask([crowd.wish(&dice)], anyAsker))
    }
    for _ in 0..<dice.number(3...25) { add(dice.number(0...end), .configure(configuration())) }
    add(end, .configure(setup.accounts))
    if dice.chance(600) {
      let fault = dice.pick(Fault.network + [.limitedWithout, .credentialsWrong, .tokenRefused])
      let permille = dice.pick([50, 200, 500])
      add(0, .weather(Weather(fault: fault, permille: permille, milliseconds: end)))
    }
    let deadline = end + Self.recovery
    for at in stride(from: 0, to: deadline, by: 10_000) { add(at, .start(.stay)) }
    if dice.chance(300) {
      for _ in 0..<dice.number(1...8) { add(dice.number(0...end), .kill(trigger())) }
    }
    add(deadline, .deadline(within: nil))
  }

  private mutating func configuration() -> [Setup.Account] {
    var all: [Setup.Account] = []
    for var account in setup.accounts where !dice.chance(250) {
      if dice.chance(900) { account.callsPerSecond = dice.pick([2, 3, 5, 20]) }
      if dice.chance(200) { account.monthlyQuota = dice.number(1...30) }
      if dice.chance(200) { account.extraPairsMax = dice.magnitude(1...900) }
      if dice.chance(200) { account.secret += 1 }
      all.append(account)
    }
    return all
  }
}
