import Chance

/// Another program with the same app. It makes calls at moments of its own and spends the same
/// budget.
struct Foreign {
  var account: String
  var perSecond: Int
  var milliseconds: Int
  /// The server's answer when the second's budget is used up.
  var refusal: Refusal
}

/// The calls that the server has counted in the last second, ours and another program's.
struct SharedBudget {
  private let seed: UInt64
  private var ours: [Int] = []
  private static let slot = 50

  init(seed: UInt64) { self.seed = seed }

  /// Whether the budget is used up when a call of ours arrives. If it is not, the call is counted.
  mutating func isFull(_ foreign: Foreign, most: Int, at moment: Int) -> Bool {
    ours.removeAll { $0 <= moment - 1_000 }
    let slots = (moment - 999) / Self.slot...moment / Self.slot
    let theirs = slots.count { slot in
      var dice = Dice(seed, 3_000_000 + slot)
      return dice.chance(foreign.perSecond * Self.slot)
    }
    if ours.count + theirs >= most { return true }
    ours.append(moment)
    return false
  }
}
