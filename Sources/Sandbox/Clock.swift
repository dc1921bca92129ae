import Glibc

/// A moment or a span on the clock that only goes forward (`CLOCK_MONOTONIC`).
typealias Microseconds = Int

/// The only reader of the clock in this program.
func monotonicNow() -> Microseconds {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}
