import CSQLite
import Glibc

/// How long a connection waits for a lock that another one holds.
///
/// SQLite's own waiting doubles its naps up to a tenth of a second, so that under several writers
/// the one that has waited longest asks most rarely: single writes were seen to take 1.2 s. Asking
/// again after a fraction of a millisecond keeps the worst below a tenth of that.
///
/// Writers that never pause leave a gap of some microseconds between two transactions, and who asks
/// more often finds it sooner. So whoever has waited for longer than it takes most asks again and again,
/// and only lets others run meanwhile. Naps of a tenth of a millisecond instead made the worst of four
/// writers wait five times as long, and let twenty-four write half as much. It costs a core for the fifth
/// of a second for which it is done at a time.
///
/// A lock that is held for longer than that is as a rule held by one who does not pause at all, and asking
/// for it often would only be work. In case it is a crowd after all, it is done for a twentieth of the
/// time, so that who has waited longest is never the one who asks most rarely.
final class BusyPatience {
  var longest_ms: Int
  private var began_ns = 0

  init(_ longest_ms: Int) { self.longest_ms = longest_ms }

  func waits(attempt: Int32) -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let now_ns = now.tv_sec * 1_000_000_000 + now.tv_nsec
    if attempt == 0 { began_ns = now_ns }
    let waited_ns = now_ns - began_ns
    if waited_ns > longest_ms * 1_000_000 || Self.isEndWanted { return false }
    if Self.asksAtOnce(waited_ns) {
      sched_yield()
      return true
    }
    // The low digits of the clock keep waiting processes out of step.
    var nap = timespec(tv_sec: 0, tv_nsec: 200_000 + now_ns % 1_000_000)
    nanosleep(&nap, nil)
    return true
  }

  private static func asksAtOnce(_ waited_ns: Int) -> Bool {
    waited_ns < 200_000_000 ? waited_ns > 5_000_000 : waited_ns % 20_000_000 < 1_000_000
  }

  /// Programs that end in order keep signals back and look at them between two steps. Waiting for
  /// somebody else's lock is no step that a person would want to see finished.
  static var isEndWanted: Bool {
    var signals = sigset_t()
    sigpending(&signals)
    return sigismember(&signals, SIGTERM) == 1 || sigismember(&signals, SIGINT) == 1
  }

  /// The connection must hold on to this for as long as it is open: SQLite keeps only the address.
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
