/// Converts between the three clocks of a run. There are no other conversions between them.
package struct Clocks: Hashable, Sendable {
  /// Queue time - boot time. It is constant while the machine is up.
  package var offset: Span
  /// Wall time - queue time, as of the last reading.
  package var skew: Span

  package init(offset: Span = 0, skew: Span = 0) {
    self.offset = offset
    self.skew = skew
  }

  /// Sets the queue's clock to `moment` at the time of this reading.
  package init(at moment: Moment, _ reading: ClockReading) {
    self.init(
      offset: moment.ms - reading.sinceBoot.ms, skew: reading.wall.ms - moment.ms)
  }

  /// Reads the skew again, because the wall clock may have been set.
  package mutating func see(_ reading: ClockReading) {
    skew = reading.wall.ms - queue(reading.sinceBoot).ms
  }

  package func queue(_ moment: BootMoment) -> Moment { Moment(ms: moment.ms + offset) }
  package func boot(_ moment: Moment) -> BootMoment { BootMoment(ms: moment.ms - offset) }
  /// What the wall clock shows at that moment, as it is set now.
  package func wall(_ moment: Moment) -> WallMoment { WallMoment(ms: moment.ms + skew) }
  package func queue(_ moment: WallMoment) -> Moment { Moment(ms: moment.ms - skew) }
}

/// What the machine's clocks show at one instant.
package struct ClockReading: Sendable {
  package let wall: WallMoment
  package let sinceBoot: BootMoment
  /// Identifies the boot, if that can be determined.
  package let boot: String?

  package init(wall: WallMoment, sinceBoot: BootMoment, boot: String?) {
    self.wall = wall
    self.sinceBoot = sinceBoot
    self.boot = boot
  }
}
