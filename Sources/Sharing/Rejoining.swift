import Planning

/// When a process that has lost its run begins another one. The first time that is soon; a run that is lost again and
/// again, because its network is bad or the server refuses what it writes, waits longer each time.
package struct Rejoining {
  package private(set) var from: BootMoment = .zero
  private var began: BootMoment = .zero
  private var shortRuns = 0

  package init() {}

  package var isAgain: Bool { from > .zero }

  package mutating func joined(at now: BootMoment) { began = now }

  package mutating func lost(at now: BootMoment) {
    shortRuns = now - began < Self.long ? shortRuns + 1 : 0
    let span: Span = shortRuns > 1 ? .seconds(1 << min(shortRuns - 2, 5)) : 0
    from = now + min(span, Self.longestWait)
  }

  private static let long: Span = .minutes(1)
  private static let longestWait: Span = .seconds(30)
}
