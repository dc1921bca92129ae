import Chance

/// What a history is about. Where less happens, more can be expected.
enum Theme: String, CaseIterable {
  /// Nothing fails.
  case calm
  /// Nothing fails, and again and again there is more to send than a budget allows.
  case flooded
  /// A month's quota is used up, as a rule by one worker after another, and the server fails nothing.
  case spent
  /// The worker dies at every statement once, and is started again at once.
  case deadly
  /// Workers are killed or the power is cut, and nothing else happens: then it is known how soon all
  /// has to be done.
  case killed
  /// Anything may happen.
  case troubled
  /// For minutes or hours the server refuses all that it is sent, or all of a kind.
  case outage
  /// The same, in many short spells.
  case flapping
  /// A call in twenty is refused as malformed, and none is.
  case unlucky
  /// Calls are held up, or arrive after their connection has broken, and there is more to send than the
  /// budget allows.
  case late
  /// Nothing else is in the queue when something malformed is asked for.
  case lonely
  /// Another program refreshes one of ten tokens all the time: what carries it is always refused.
  case sharedToken
  /// Another program spends the same budget.
  case sharedBudget
  /// The clock crosses the end of a month and comes back.
  case months
  /// Workers are started in one time namespace and in another.
  case namespaces
  /// One token is asked for by more asks than are ended at once, and workers are killed meanwhile.
  case crowded
  /// Some tokens have the same crowd, which takes several calls, and are asked for again within their slots.
  case wide
  /// What is asked for is of no use any more when its call has failed.
  case fleeting
  /// For minutes or hours Feishu says that the month's calls are spent.
  case exhausted

  init(_ dice: inout Dice) {
    switch dice.number(0...999) {
    case 0..<90: self = .calm
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
    case 700..<790: self = .late
    case 930..<940: self = .exhausted
    case 940..<950: self = .wide
    case 950..<960: self = .fleeting
    case 960...999: self = .crowded
    default: self = .troubled
    }
  }

  /// Nobody interferes and nothing fails.
  var isCalm: Bool { self == .calm || self == .flooded }

  var hasWeather: Bool { self == .deadly || self == .troubled }

  /// What happens in these histories is made elsewhere than that of the others.
  var hasPlot: Bool {
    switch self {
    case .calm, .flooded, .spent, .deadly, .killed, .troubled: false
    default: true
    }
  }

  /// All has to be done by some moment.
  var needsWorkers: Bool { isCalm || hasPlot }

  func quota(_ dice: inout Dice) -> Int? {
    if self == .spent || self == .months { return dice.number(1...10) }
    return hasWeather && dice.chance(80) ? dice.magnitude(1...60) : nil
  }
}
