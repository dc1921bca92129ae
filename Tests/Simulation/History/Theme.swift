import Chance

/// What a history is about. Where less happens, the judge can expect more.
enum Theme: String, CaseIterable {
  /// Nothing fails.
  case calm
  /// Nothing fails, and there is repeatedly more to send than a budget allows.
  case flooded
  /// A month's quota is used up, usually over several runs of the worker, and the server causes no
  /// other failure.
  case spent
  /// The worker dies once at every statement and is restarted at once.
  case deadly
  /// Workers are killed or the power is cut, and nothing else happens, so it is known how soon
  /// everything must be done.
  case killed
  /// Anything may happen.
  case troubled
  /// For minutes or hours the server refuses everything, or everything of one kind.
  case outage
  /// The same, in many short spells.
  case flapping
  /// One call in twenty is refused as malformed, although none is.
  case unlucky
  /// Calls are held up or arrive after their connection has broken, and there is more to send than
  /// the budget allows.
  case late
  /// Nothing else is in the queue when something malformed is asked for.
  case lonely
  /// Another program keeps refreshing one of up to ten tokens: a call that carries it is always
  /// refused.
  case sharedToken
  /// Another program uses part of the same budget.
  case sharedBudget
  /// The clock crosses the end of a month and comes back.
  case months
  /// Workers are started in different time namespaces.
  case namespaces
  /// One token has more asks than one transaction ends, and workers are killed while they are being
  /// ended.
  case crowded
  /// Some tokens have the same large audience, which takes several calls, and are asked for again
  /// within their slots.
  case wide
  /// Asks expire before their failed calls can be repeated.
  case fleeting
  /// For minutes or hours Feishu says that the month's calls are used up.
  case exhausted
  /// The configuration changes while workers run: accounts are removed and come back, with other
  /// limits, quotas and secrets.
  case reloaded
  /// Somebody keeps asking when lanes will go. Calls all take the same time, and the machine takes
  /// none, so the answers can be exact.
  case foretold
  /// Backends record which previews show what, and ask by key and by URL. What else may happen, may
  /// happen too.
  case keyed
  /// The accounts are tenants of a store app, whose tickets change and which they remove and install again.
  case tenanted
  /// The machine restarts while slots run, and its clock comes back fast.
  case restarted

  init(_ dice: inout Dice) {
    switch dice.number(0...999) {
    case 0..<25: self = .calm
    case 25..<45: self = .foretold
    case 45..<60: self = .restarted
    case 60..<90: self = .reloaded
    case 90..<140: self = .flooded
    case 140..<180: self = .spent
    case 180..<290: self = .deadly
    case 290..<390: self = .killed
    case 390..<520: self = .outage
    case 520..<560: self = .flapping
    case 560..<590: self = .unlucky
    case 590..<620: self = .lonely
    case 620..<640: self = .sharedToken
    case 640..<660: self = .sharedBudget
    case 660..<680: self = .months
    case 680..<700: self = .namespaces
    case 700..<820: self = .late
    case 870..<910: self = .keyed
    case 910..<940: self = .exhausted
    case 940..<950: self = .wide
    case 950..<960: self = .fleeting
    case 960...999: self = .crowded
    default: self = .troubled
    }
  }

  /// Nothing interferes and nothing fails.
  var isCalm: Bool { self == .calm || self == .flooded }

  var hasWeather: Bool { self == .deadly || self == .troubled }

  /// These histories are made by `makePlot`, not by the general steps.
  var hasPlot: Bool {
    switch self {
    case .calm, .flooded, .spent, .deadly, .killed, .troubled: false
    default: true
    }
  }

  /// Some of these histories have asks by key and URL besides their own.
  var mayHaveKeys: Bool {
    switch self {
    case .calm, .flooded, .spent, .deadly, .killed, .troubled, .outage, .flapping,
      .exhausted, .restarted, .reloaded, .foretold:
      true
    default: false
    }
  }

  /// Everything must be done by a known moment.
  var needsWorkers: Bool { isCalm || hasPlot }

  func quota(_ dice: inout Dice) -> Int? {
    if self == .spent || self == .months { return dice.number(1...10) }
    return hasWeather && dice.chance(80) ? dice.magnitude(1...60) : nil
  }
}
