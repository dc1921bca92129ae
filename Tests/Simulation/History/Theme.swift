import Chance

/// What a history is about. Where less happens, more can be expected.
enum Theme {
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

  init(_ dice: inout Dice) {
    switch dice.number(0...999) {
    case 0..<100: self = .calm
    case 100..<150: self = .flooded
    case 150..<200: self = .spent
    case 200..<320: self = .deadly
    case 320..<420: self = .killed
    default: self = .troubled
    }
  }

  /// Nobody interferes and nothing fails.
  var isCalm: Bool { self == .calm || self == .flooded }

  var hasWeather: Bool { self == .deadly || self == .troubled }

  func quota(_ dice: inout Dice) -> Int? {
    if self == .spent { return dice.number(1...10) }
    return hasWeather && dice.chance(80) ? dice.magnitude(1...60) : nil
  }
}
