/// Repeatable randomness: the same numbers from the same seed, everywhere (SplitMix64).
package struct Dice: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  /// Separate dice for one purpose, so that more or fewer throws there change nothing elsewhere.
  package init(_ seed: UInt64, _ purpose: Int) {
    state = seed &+ UInt64(truncatingIfNeeded: purpose) &* 0xd1b5_4a32_d192_ed03
    _ = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True `permille` times in a thousand.
  package mutating func chance(_ permille: Int) -> Bool { number(0...999) < permille }

  /// Small numbers are as likely as large ones: every doubling has the same chance.
  package mutating func magnitude(_ range: ClosedRange<Int>) -> Int {
    var top = range.lowerBound
    while top < range.upperBound, chance(700) { top = top * 2 + 1 }
    return number(range.lowerBound...min(top, range.upperBound))
  }

  package mutating func pick<T>(_ list: [T]) -> T { list[number(0...list.count - 1)] }
}
