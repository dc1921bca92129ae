/// The queue's clock as the last run left it.
package struct LastClock: Sendable {
  package let boot: String?
  package let clocks: Clocks
  /// The newest moment that any run has recorded.
  package let seen: Moment

  package init(boot: String?, clocks: Clocks, seen: Moment) {
    self.boot = boot
    self.clocks = clocks
    self.seen = seen
  }

  /// A clock that went back is another clock, whatever its name: the machine may have been
  /// restored from a snapshot. Without a name, treat it as the same one if both clocks continue
  /// from where the last run stopped.
  package func isSame(as reading: ClockReading) -> Bool {
    if now(reading) < seen { return false }
    // On the same clock, the newest moment seen is not older than the boot.
    if clocks.queue(BootMoment.zero) > seen { return false }
    if let name = reading.boot { return name == boot }
    return boot == nil && abs(drift(of: reading)) < .seconds(2)
  }

  /// The clocks of a run that begins now.
  package func next(_ reading: ClockReading) -> Clocks {
    guard isSame(as: reading) else {
      // What waits for a moment waits for the same time on the wall clock. That clock may have been
      // set since the queue's clock began, so it is converted with the difference that the last run
      // recorded.
      return Clocks(at: max(clocks.queue(reading.wall), seen), reading)
    }
    let now = now(reading)
    if reading.boot != nil { return Clocks(at: now, reading) }
    // Without a name, clocks that differ by less than 2 s count as the same one. With the slower
    // one nothing is early.
    return Clocks(at: max(seen, now + min(0, drift(of: reading))), reading)
  }

  private func now(_ reading: ClockReading) -> Moment { clocks.queue(reading.sinceBoot) }

  private func drift(of reading: ClockReading) -> Span {
    reading.wall - clocks.wall(now(reading))
  }
}
