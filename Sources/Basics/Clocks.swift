import Glibc

/// What one of the system's clocks shows, in nanoseconds.
package func nanoseconds(of clock: clockid_t) -> Int {
  var time = timespec()
  clock_gettime(clock, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Sleeps for less than a second. A signal may end the sleep early.
package func sleepBriefly(nanoseconds: Int) {
  var span = timespec(tv_sec: 0, tv_nsec: nanoseconds)
  nanosleep(&span, nil)
}
