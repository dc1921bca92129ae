import Chance

extension History {
  /// The history of a seed, with the seed's own theme unless another is given.
  static func make(seed: UInt64, theme: Theme? = nil) -> History {
    var maker = HistoryMaker(seed: seed, theme: theme)
    return maker.make()
  }
}

/// Makes histories that differ in kind, not just in detail. Each has only a few troubles, so that
/// one fault does not always hide another, and some have none.
struct HistoryMaker {
  let seed: UInt64
  var dice: Dice
  private(set) var steps: [Step] = []
  let length: Int
  let theme: Theme
  var setup: Setup
  var crowd: Crowd

  init(seed: UInt64, theme: Theme?) {
    self.seed = seed
    var dice = Dice(seed, 1)
    let usual = Theme(&dice)
    self.theme = theme ?? usual
    let theme = self.theme
    let isLong = dice.chance(100) && !theme.isCalm
    length = dice.magnitude(isLong ? 60_000...7_200_000 : 5_000...240_000)
    setup = Self.setup(theme, length, &dice)
    crowd = Crowd(accounts: setup.accounts, theme, &dice)
    self.dice = dice
  }

  private static func setup(_ theme: Theme, _ length: Int, _ dice: inout Dice) -> Setup {
    let isTenanted = theme == .tenanted
    let accounts = (0..<dice.pick(isTenanted ? [2, 3, 8] : [1, 1, 1, 2, 3])).map { number in
      Setup.Account(
        name: isTenanted ? "acme.k\(number)" : number == 0 ? "default" : "account-\(number)",
        joins: dice.chance(600),
        extraPairsMax: dice.chance(300) ? dice.magnitude(1...900) : nil,
        callsPerSecond: dice.pick([5, 5, 5, 2, 20]),
        monthlyQuota: theme.quota(&dice))
    }
    let route = Route.make(length: length, &dice)
    let server = ServerHabits(
      looksAtUUIDFirst: dice.chance(500), refusalsCount: dice.chance(300),
      clearsOmittedFields: dice.chance(300))
    return Setup(accounts: accounts, server: server, route: route, theme: theme)
  }

  mutating func make() -> History {
    if theme.hasWeather && dice.chance(350) { crowd.allowBad(&dice) }
    if theme.hasPlot {
      makePlot()
      addKeys()
      addUrgency()
      steps.sort { $0.at < $1.at }
      return History(seed: seed, setup: setup, steps: steps)
    }
    makeAsks()
    makeRuns()
    if !theme.isCalm && theme != .spent { makeKills() }
    if theme.hasWeather {
      makeTroubles()
      makeWeather()
      makePersons()
    }
    addKeys()
    addUrgency()
    steps.sort { $0.at < $1.at }
    return History(seed: seed, setup: setup, steps: steps)
  }

  /// Makes some asks urgent, with dice of its own.
  private mutating func addUrgency() {
    var dice = Dice(seed, 6)
    guard dice.chance(400) else { return }
    let permille = dice.pick([30, 200, 500, 900])
    for place in steps.indices {
      guard case .ask(var wishes, let asker) = steps[place].deed else { continue }
      for number in wishes.indices where dice.chance(permille) { wishes[number].isUrgent = true }
      steps[place].deed = .ask(wishes, asker)
    }
  }

  mutating func add(_ at: Int, _ deed: Deed) { steps.append(Step(at: at, deed: deed)) }

  var moment: Int {
    mutating get { dice.number(0...length) }
  }

  private mutating func makeAsks() {
    let isFlood = theme == .flooded
    let count = isFlood ? dice.number(100...400) : dice.number(2...dice.pick([6, 60, 250]))
    // In bursts, lanes wait together. Asks that are spread evenly meet lanes in every state.
    let burst = isFlood ? 60 : dice.pick([1, 1, 3, 12, 60])
    var made = 0
    while made < count {
      let at = moment
      for _ in 0..<dice.number(1...burst) {
        let wishes = (0..<dice.pick([1, 1, 1, 2, 7])).map { _ in crowd.wish(&dice) }
        made += wishes.count
        add(at + (dice.chance(500) ? 0 : dice.number(0...400)), .ask(wishes, asker()))
      }
    }
  }

  private mutating func asker() -> Asker {
    if theme.isCalm { return dice.chance(500) ? .swift : .plainSQL }
    switch dice.number(0...99) {
    case 0..<55: return .swift
    case 55..<85: return .plainSQL
    case 85..<90: return .rollsBack
    default: return .dies(atStatement: dice.magnitude(1...40))
    }
  }

  /// Starts workers like systemd, which keeps one running, or like cron, which starts them
  /// repeatedly.
  private mutating func makeRuns() {
    let isCron = theme != .flooded && dice.chance(theme == .spent ? 900 : 350)
    let goal: Goal =
      isCron ? dice.pick([.once, .seconds(dice.number(1...55)), .untilEmpty]) : .stay
    let pause =
      switch theme {
      case .calm, .flooded: 500
      case .deadly: 150
      case .killed: dice.magnitude(200...5_000)
      default: dice.magnitude(200...60_000)
      }
    var at = dice.number(0...2_000)
    while at < length && steps.count < 3_000 {
      add(at, .start(goal))
      at += isCron ? pause : dice.number(pause / 2...pause * 2)
    }
    if !theme.isCalm && dice.chance(200) {
      for _ in 0..<dice.number(1...4) { add(moment, .end) }
    }
  }

  private mutating func makeKills() {
    if theme == .deadly {
      add(0, .kill(.eachNewStatement(dice.chance(500) ? .before : .after)))
    }
    guard theme == .killed || dice.chance(600) else { return }
    for _ in 0..<dice.number(1...dice.pick([2, 10, 40])) {
      if theme == .killed && dice.chance(250) {
        add(moment, .powerCut(trigger(), off: dice.magnitude(500...20_000), clockError: 0))
      } else {
        add(moment, .kill(trigger()))
      }
    }
  }

  mutating func trigger() -> Trigger {
    let side: Trigger.Side = dice.chance(500) ? .before : .after
    switch dice.number(0...9) {
    case 0: return .now
    case 1, 2: return .statement(dice.magnitude(1...400), side)
    case 3, 4: return .newStatement(dice.number(1...dice.pick([3, 30, 150])), side)
    case 5: return .diskOperation(dice.magnitude(1...60))
    case 6: return .send(dice.magnitude(1...6))
    case 7, 8: return .sent(dice.magnitude(1...6))
    default: return .answer(dice.magnitude(1...6))
    }
  }
}
