import Basics
import CSQLite
import Glibc

/// How long a connection waits for a lock that another one holds.
///
/// SQLite's own busy handler doubles its sleeps up to 100 ms, so that with several writers the one
/// that has waited longest tries least often: single writes took up to 1.2 s. Trying again after
/// about a millisecond keeps the worst below a tenth of that.
///
/// Writers that never pause leave a gap of some microseconds between two transactions, and a waiter
/// that tries more often finds the gap sooner. So a waiter that has waited for more than 5 ms,
/// longer than most waits take, spins: it tries again and again and only yields to other threads.
/// With sleeps of 0.1 ms instead, the worst of four writers waited five times as long, and
/// twenty-four writers wrote half as much. Spinning costs one core, for at most 200 ms.
///
/// A lock that is held for longer than that is usually held by a program that does not pause at
/// all, so trying often would be wasted work. In case it is a crowd of writers after all, the
/// waiter still spins for a twentieth of the time, so that the longest waiter is never the one that
/// tries least often.
final class BusyPatience {
  var longest_ms: Int
  private var began_ns = 0

  init(_ longest_ms: Int) { self.longest_ms = longest_ms }

  func waits(attempt: Int32) -> Bool {
    let now_ns = nanoseconds(of: CLOCK_MONOTONIC)
    if attempt == 0 { began_ns = now_ns }
    let waited_ns = now_ns - began_ns
    if waited_ns > longest_ms * 1_000_000 || Self.isEndWanted { return false }
    if Self.asksAtOnce(waited_ns) {
      sched_yield()
      return true
    }
    // The low digits of the clock keep waiting processes out of step.
    sleepBriefly(nanoseconds: 200_000 + now_ns % 1_000_000)
    return true
  }

  private static func asksAtOnce(_ waited_ns: Int) -> Bool {
    waited_ns < 200_000_000 ? waited_ns > 5_000_000 : waited_ns % 20_000_000 < 1_000_000
  }

  /// Whether the program was told to end. Programs that end in an orderly way block signals and
  /// look at them between two steps. Waiting for another program's lock is not a step worth
  /// finishing.
  static var isEndWanted: Bool {
    var signals = sigset_t()
    sigpending(&signals)
    return sigismember(&signals, SIGTERM) == 1 || sigismember(&signals, SIGINT) == 1
  }

  /// The connection must keep this alive while it is open: SQLite keeps only the address.
  func install(on handle: OpaquePointer) {
    sqlite3_busy_handler(
      handle,
      { address, attempt in
        guard let address else { return 0 }
        let patience = Unmanaged<BusyPatience>.fromOpaque(address).takeUnretainedValue()
        return patience.waits(attempt: attempt) ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
