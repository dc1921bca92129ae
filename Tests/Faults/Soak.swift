import Chance
import Foundation
import Testing

extension Dice {
  /// True once in this many throws; by default every other time.
  mutating func isLucky(onceIn throwsCount: Int = 2) -> Bool { number(1...throwsCount) == 1 }
}

/// Length, intensity and seed of the tests, from the environment.
enum Soak {
  /// `LARKSPUR_SOAK` multiplies the number of kills and the length.
  static let factor = number("LARKSPUR_SOAK") ?? 1

  /// For a program that hangs. The longest test takes a minute or two, or a few with a sanitizer.
  static let bound = TimeLimitTrait.Duration.minutes(10 * factor)

  /// `LARKSPUR_SEED` repeats the random choices of an earlier run; otherwise each run has new ones.
  /// Programs also depend on the machine, so a seed usually finds a fault again, but not always.
  static let seed: UInt64 = {
    let seed = number("LARKSPUR_SEED").map { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)
    print("FaultTests: LARKSPUR_SEED=\(seed)")
    return seed
  }()

  /// Each test has its own dice, so that no test depends on another.
  static func dice(_ name: String) -> Dice {
    var seed = self.seed
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Dice(seed)
  }

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}
