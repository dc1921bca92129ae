import Glibc

/// A moment or a span on the clock that only goes forward (`CLOCK_MONOTONIC`).
typealias Microseconds = Int

/// Nothing else in this program reads that clock.
func monotonicNow() -> Microseconds {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}

/// The reading of that clock at the start of 1970 UTC, to give wall-clock times in answers.
func epoch() -> Microseconds {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return monotonicNow() - (time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)
}
