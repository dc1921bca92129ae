import Chance

extension Route {
  /// A route for a history of this length. Usually it never changes; sometimes it changes at a few
  /// moments, gradually or at once.
  static func make(length: Int, _ dice: inout Dice) -> Route {
    var stretches = [Stretch.make(from: 0, &dice)]
    if dice.chance(350) {
      let moments = (0..<dice.number(1...4)).map { _ in dice.number(1...length) }.sorted()
      for moment in moments {
        let last = stretches[stretches.count - 1]
        stretches[stretches.count - 1].isDrifting = dice.chance(400)
        stretches.append(
          dice.chance(500) ? last.scaled(from: moment, &dice) : .make(from: moment, &dice))
      }
    }
    return Route(stretches: stretches)
  }
}

extension Route.Stretch {
  fileprivate static func make(from: Int, _ dice: inout Dice) -> Route.Stretch {
    var made = Route.Stretch(
      from: from, out: .near(&dice), work: Route.Leg(least: dice.magnitude(1...60), jitter: []),
      back: .near(&dice), isDrifting: false)
    // Little jitter, for a server nearby or on another continent.
    let little = [Jitter.uniform(dice.pick([1, 3, 3, 6, 12, 25]))]
    made.out.jitter = little
    made.work.jitter = [.uniform(dice.pick([1, 3, 3, 8, 25]))]
    made.back.jitter = little
    switch dice.number(0...11) {
    case 0, 1: break
    case 2, 3:
      let sigma = dice.number(300...800)
      made.out = Route.Leg(
        least: 0, jitter: [.lognormal(median: dice.number(10...50), sigma: sigma)])
      made.back = Route.Leg(
        least: 0, jitter: [.lognormal(median: dice.number(10...50), sigma: sigma)])
    case 4:
      made.out.jitter = [.uniform(dice.number(20...100))]
      if dice.chance(500) { made.back.jitter = made.out.jitter }
    case 5: made.out.jitter.append(.sometimes(200, permille: 100))
    case 6: made.back.jitter.append(.sometimes(200, permille: 100))
    case 7: made.addTails(permille: dice.pick([20, 100, 300]), &dice)
    case 8: made.addTails(permille: 1_000, &dice)
    case 9: made.out.least = dice.number(80...300)
    case 10: made.back.least = dice.number(80...300)
    default:
      made.work = Route.Leg(least: 50, jitter: [.uniform(450)])
      if dice.chance(500) { made.work.jitter.append(.sometimes(3_000, permille: 20)) }
    }
    return made
  }

  private mutating func addTails(permille: Int, _ dice: inout Dice) {
    let tail = Jitter.tail(mean: dice.magnitude(20...500), permille: permille)
    out.jitter.append(tail)
    if dice.chance(500) { back.jitter.append(tail) }
  }

  /// The same route with other lengths: it has become shorter or longer.
  fileprivate func scaled(from: Int, _ dice: inout Dice) -> Route.Stretch {
    var made = self
    made.from = from
    made.isDrifting = false
    let eighths = dice.pick([1, 2, 4, 12, 16, 32])
    if dice.chance(700) { made.out.scale(eighths) }
    if dice.chance(700) { made.back.scale(eighths) }
    if dice.chance(300) { made.work.scale(eighths) }
    return made
  }
}

extension Route.Leg {
  fileprivate static func near(_ dice: inout Dice) -> Route.Leg {
    Route.Leg(least: dice.magnitude(1...80), jitter: [])
  }

  fileprivate mutating func scale(_ eighths: Int) {
    least = min(least * eighths / 8, 400)
    jitter = jitter.map { jitter in
      guard case .lognormal(let median, let sigma) = jitter else { return jitter }
      return .lognormal(median: min(median * eighths / 8, 100), sigma: sigma)
    }
  }
}
