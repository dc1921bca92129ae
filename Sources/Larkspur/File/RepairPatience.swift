import Basics
import Glibc

/// How long to wait until the worker has repaired the files beside a queue.
struct RepairPatience {
  private let end_ns: Int

  init(_ longest_ms: Int) { end_ns = Self.now_ns() + longest_ms * 1_000_000 }

  /// Waits a little; false if the time is up or the program was told to end.
  func waits() -> Bool {
    if Self.now_ns() >= end_ns || BusyPatience.isEndWanted { return false }
    // The worker needs a moment in which no other program has the queue open.
    Self.nap()
    return true
  }

  static func nap() { sleepBriefly(nanoseconds: 25_000_000) }

  private static func now_ns() -> Int { nanoseconds(of: CLOCK_MONOTONIC) }
}
