import Planning

/// Lets tests write moments as numbers.
extension Instant: ExpressibleByIntegerLiteral {
  /// `at: 1_000`
  public init(integerLiteral ms: Int) { self.init(ms: ms) }

  package init(_ ms: Int) { self.init(ms: ms) }
}

extension ClockReading {
  package init(wall_ms: Int, sinceBoot_ms: Int, boot: String?) {
    self.init(
      wall: WallMoment(ms: wall_ms), sinceBoot: BootMoment(ms: sinceBoot_ms), boot: boot)
  }
}
