import Basics
import Glibc

/// Milliseconds on a clock that never jumps.
package func steadyMilliseconds() -> Int { nanoseconds(of: CLOCK_MONOTONIC) / 1_000_000 }
