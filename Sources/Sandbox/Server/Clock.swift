import Basics
import Glibc

/// A moment or a span on the clock that only goes forward (`CLOCK_MONOTONIC`).
typealias Microseconds = Int

/// Nothing else in this program reads that clock.
func monotonicNow() -> Microseconds { nanoseconds(of: CLOCK_MONOTONIC) / 1_000 }

/// The reading of that clock at the start of 1970 UTC, to give wall-clock times in answers.
func epoch() -> Microseconds { monotonicNow() - nanoseconds(of: CLOCK_REALTIME) / 1_000 }
