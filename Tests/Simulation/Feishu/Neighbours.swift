import Chance

/// Another program with the same app, which spends the same budget: so many calls a second, at moments
/// of its own.
struct Foreign {
  var account: String
  var perSecond: Int
  var milliseconds: Int
  /// What the server says when the second is full.
  var refusal: Refusal
}

/// What the server has counted lately, of us and of another program.
struct SharedBudget {
  private let seed: UInt64
  private var ours: [Int] = []
  private static let slot = 50

  init(seed: UInt64) { self.seed = seed }

  /// A call of ours arrives: true when the second is full.
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
