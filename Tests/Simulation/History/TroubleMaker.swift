import Chance

/// What goes wrong with the machine, the server and the people.
extension HistoryMaker {
  mutating func makeTroubles() {
    if dice.chance(400) {
      for _ in 0..<dice.magnitude(1...10) {
        let error = dice.chance(500) ? dice.number(-3_700_000...3_700_000) : dice.number(0...2_000)
        add(moment, .powerCut(trigger(), off: dice.magnitude(500...3_600_000), clockError: error))
      }
    }
    if dice.chance(300) {
      for _ in 0..<dice.magnitude(1...6) {
        let hours = dice.chance(500) ? 3_600_000 : 5_000
        add(moment, .setClock(by: dice.number(-hours...hours)))
      }
    }
    if dice.chance(250) {
      for _ in 0..<dice.magnitude(1...6) {
        add(moment, .stall(milliseconds: dice.magnitude(5...30_000)))
      }
    }
    if dice.chance(200) {
      for _ in 0..<dice.magnitude(1...4) {
        add(moment, .fullDisk(milliseconds: dice.magnitude(10...40_000)))
      }
    }
    if dice.chance(200) {
      for _ in 0..<dice.magnitude(1...6) {
        add(moment, .diskError(after: dice.magnitude(1...60)))
      }
    }
    if dice.chance(250) {
      for _ in 0..<dice.magnitude(1...6) {
        add(moment, .lock(milliseconds: dice.magnitude(1...40_000)))
      }
    }
  }

  mutating func makeWeather() {
    guard dice.chance(750) else { return }
    let kinds = dice.number(1...6)
    let all = dice.chance(400) ? Fault.network : Fault.allCases
    let faults = (0..<kinds).map { _ in dice.pick(all) }
    for _ in 0..<dice.number(1...dice.pick([15, 40])) {
      add(
        moment,
        .weather(
          Weather(
            fault: dice.pick(faults), permille: dice.pick([20, 100, 300, 1_000]),
            milliseconds: dice.magnitude(2_000...120_000))))
    }
  }

  mutating func makePersons() {
    guard dice.chance(250) else { return }
    for _ in 0..<dice.magnitude(1...8) {
      switch dice.number(0...3) {
      case 0: add(moment, .retry)
      case 1: add(moment, .resume)
      default: add(moment, .cancel(lane: crowd.wish(&dice).lane))
      }
    }
  }
}
