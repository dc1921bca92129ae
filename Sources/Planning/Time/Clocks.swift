/// How the three clocks of a run belong together. There are no other conversions between them.
package struct Clocks: Hashable, Sendable {
  /// Queue time - boot time. It stays the same for as long as the machine is up.
  package var offset: Span
  /// Wall time - queue time, when last looked at.
  package var skew: Span

  package init(offset: Span = 0, skew: Span = 0) {
    self.offset = offset
    self.skew = skew
  }

  /// Such that it is `moment` on the queue's clock when the others say this.
  package init(at moment: Moment, _ reading: ClockReading) {
    self.init(
      offset: moment.ms - reading.sinceBoot.ms, skew: reading.wall.ms - moment.ms)
  }

  /// The wall clock may have been set.
  package mutating func see(_ reading: ClockReading) {
    skew = reading.wall.ms - queue(reading.sinceBoot).ms
  }

  package func queue(_ moment: BootMoment) -> Moment { Moment(ms: moment.ms + offset) }
  package func boot(_ moment: Moment) -> BootMoment { BootMoment(ms: moment.ms - offset) }
  /// What the wall clock says at that moment, as it is set now.
  package func wall(_ moment: Moment) -> WallMoment { WallMoment(ms: moment.ms + skew) }
  package func queue(_ moment: WallMoment) -> Moment { Moment(ms: moment.ms - skew) }
}

/// What the machine's clocks say at one instant.
package struct ClockReading: Sendable {
  package let wall: WallMoment
  package let sinceBoot: BootMoment
  /// Which start of the machine that is, if it can be told.
  package let boot: String?

  package init(wall: WallMoment, sinceBoot: BootMoment, boot: String?) {
    self.wall = wall
    self.sinceBoot = sinceBoot
    self.boot = boot
  }
}
