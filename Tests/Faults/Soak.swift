import Chance
import Foundation
import Testing

extension Dice {
  /// As often as not, or once in so many throws.
  mutating func isLucky(onceIn throwsCount: Int = 2) -> Bool { number(1...throwsCount) == 1 }
}

/// How long and how hard, and with which throws, as the environment says it.
enum Soak {
  /// `LARKSPUR_SOAK`: so many times the kills, and so many times as long.
  static let factor = number("LARKSPUR_SOAK") ?? 1

  /// For a program that hangs: the longest test takes a minute or two, with a sanitizer a few.
  static let bound = TimeLimitTrait.Duration.minutes(10 * factor)

  /// `LARKSPUR_SEED`, to have the same throws again; else new ones each time. What programs make of
  /// them depends on the machine as well, so a seed finds a fault again more often than not, and not
  /// always.
  static let seed: UInt64 = {
    let seed = number("LARKSPUR_SEED").map { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)
    print("FaultTests: LARKSPUR_SEED=\(seed)")
    return seed
  }()

  /// Each test throws dice of its own, so that no test depends on another.
  static func dice(_ name: String) -> Dice {
    var seed = self.seed
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Dice(seed)
  }

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}
