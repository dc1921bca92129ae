import Glibc

/// How long somebody waits for the worker to put right what lies beside a queue.
struct RepairPatience {
  private let end_ns: Int

  init(_ longest_ms: Int) { end_ns = Self.now_ns() + longest_ms * 1_000_000 }

  /// Waits a little; false when it has been long enough, or the program is to end.
  func waits() -> Bool {
    if Self.now_ns() >= end_ns || BusyPatience.isEndWanted { return false }
    // The worker needs a moment in which nobody has the queue open.
    Self.nap()
    return true
  }

  static func nap() {
    var nap = timespec(tv_sec: 0, tv_nsec: 25_000_000)
    nanosleep(&nap, nil)
  }

  private static func now_ns() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
  }
}
