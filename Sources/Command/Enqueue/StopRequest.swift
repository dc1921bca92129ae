import Glibc
import Terminal

/// Ctrl-C and SIGTERM as something to look at between two steps, instead of something that ends the
/// program wherever it is. Made once, when there is something to say at the end.
struct StopRequest: ~Copyable {
  private let maskWhileWaiting: sigset_t

  init() {
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    for number in stopSignals { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    // Some programs start others with these blocked, without meaning anything by it.
    for number in stopSignals { sigdelset(&before, number) }
    maskWhileWaiting = before
    for number in stopSignals {
      let old = signal(number) { caughtSignal = $0 }
      // What is ignored, as by nohup, stays ignored.
      if unsafeBitCast(old, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
  }

  /// How to end, when a signal has arrived.
  var arrived: ExitCode? {
    var pending = sigset_t()
    sigpending(&pending)
    let number = stopSignals.first { caughtSignal == $0 || sigismember(&pending, $0) == 1 }
    return number.map { $0 == SIGINT ? .interrupted : .terminated }
  }

  /// Waits until `descriptor` can be read, a signal arrives, or the time is up. Signals are let in
  /// for exactly as long as this waits, so that none falls between looking and waiting.
  func wait(for descriptor: Int32?, milliseconds: Int) {
    // Not `poll`, which cannot change the mask in the same instant.
    var watched = fd_set()
    let bits = MemoryLayout<fd_set>.size * 8
    let descriptor = descriptor.flatMap { $0 < bits ? Int($0) : nil }
    if let descriptor {
      withUnsafeMutableBytes(of: &watched) { $0[descriptor / 8] |= 1 << (descriptor % 8) }
    }
    var limit = timespec(
      tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
    var mask = maskWhileWaiting
    pselect(Int32((descriptor ?? -1) + 1), &watched, nil, nil, &limit, &mask)
  }
}

private let stopSignals = [SIGINT, SIGTERM]

/// All that the handler does is to write this number, which is safe wherever it interrupts. It runs
/// only inside `wait`, on the one thread there is.
private nonisolated(unsafe) var caughtSignal: Int32 = 0

/// Milliseconds on a clock that never jumps.
func steadyMilliseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
}
