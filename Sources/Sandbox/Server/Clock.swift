import Glibc

/// A moment or a span on the clock that only goes forward (`CLOCK_MONOTONIC`).
typealias Microseconds = Int

/// The only reader of that clock in this program.
func monotonicNow() -> Microseconds {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}

/// That clock when the world's stood at 1970, for moments that an answer tells.
func epoch() -> Microseconds {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return monotonicNow() - (time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)
}
