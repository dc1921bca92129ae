import Chance

/// What is done to the machines and asked of them, made from a seed.
struct History {
  enum Deed {
    case start(machine: Int)
    /// The process alone; or the machine, whose clock then begins again.
    case kill(machine: Int), reboot(machine: Int)
    /// In good order.
    case end(machine: Int)
    case stop(machine: Int, Int)
    case cut(machine: Int, deaf: Int, mute: Int)
    case ask(account: Int, token: String)
    /// Its transaction is committed so much later.
    case askLate(account: Int, token: String, Int)
  }

  let seed: UInt64
  let machines: Int
  let accounts: Int
  let steps: [(at: Int, deed: Deed)]
  let length: Int
  /// In a thousand: statements or replies that are lost, slow calls, lost answers.
  let lossy: Int
  let slow: Int
  let answersLost: Int

  init(seed: UInt64) {
    var dice = Dice(seed, 1)
    self.seed = seed
    machines = dice.number(2...4)
    accounts = dice.number(2...6)
    length = dice.number(15_000...40_000)
    lossy = dice.pick([0, 0, 1, 5])
    slow = dice.pick([0, 20, 200])
    answersLost = dice.pick([0, 0, 10, 100])
    var steps: [(at: Int, deed: Deed)] = []
    for machine in 0..<machines { steps.append((dice.number(0...2_000), .start(machine: machine))) }
    steps += Self.asks(&dice, length, accounts)
    steps += Self.troubles(&dice, length, machines)
    self.steps = steps.sorted { $0.at < $1.at }
  }

  /// A few tokens that are wanted again and again, and many that are wanted once, so that both rules of Feishu bind.
  private static func asks(
    _ dice: inout Dice, _ length: Int, _ accounts: Int
  ) -> [(at: Int, deed: Deed)] {
    var steps: [(at: Int, deed: Deed)] = []
    let pause = dice.pick([20, 100, 400])
    let (tokens, isLate) = (dice.number(1...4), dice.pick([0, 100]))
    var at = 0
    while at < length {
      at += dice.number(1...2 * pause)
      let account = dice.number(0...accounts - 1)
      if dice.chance(20) {
        for number in 0..<dice.number(10...120) {
          steps.append((at, .ask(account: account, token: "flood-\(at)-\(number)")))
        }
      }
      let token = "t\(dice.number(1...tokens))"
      let late = dice.chance(isLate)
      steps.append(
        (
          at,
          late
            ? .askLate(account: account, token: token, dice.number(1...4_000))
            : .ask(account: account, token: token)
        ))
    }
    return steps
  }

  private static func troubles(
    _ dice: inout Dice, _ length: Int, _ machines: Int
  ) -> [(at: Int, deed: Deed)] {
    var steps: [(at: Int, deed: Deed)] = []
    let pause = dice.pick([1_500, 4_000, 10_000])
    // Most begin once all have looked on for long enough to work.
    var at = dice.pick([500, 8_000])
    while at < length {
      let machine = dice.number(0...machines - 1)
      let span = dice.magnitude(100...30_000)
      switch dice.number(0...9) {
      case 0...2:
        steps.append((at, .kill(machine: machine)))
        steps.append((at + span, .start(machine: machine)))
      case 3:
        steps.append((at, .reboot(machine: machine)))
        steps.append((at + span, .start(machine: machine)))
      case 4:
        steps.append((at, .end(machine: machine)))
        steps.append((at + span, .start(machine: machine)))
      case 5...6: steps.append((at, .stop(machine: machine, span)))
      case 7: steps.append((at, .cut(machine: machine, deaf: span, mute: span)))
      case 8: steps.append((at, .cut(machine: machine, deaf: span, mute: 0)))
      default: steps.append((at, .cut(machine: machine, deaf: 0, mute: span)))
      }
      at += dice.number(pause / 4...2 * pause)
    }
    return steps
  }
}
