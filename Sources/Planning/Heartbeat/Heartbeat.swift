/// What a worker reports about itself, in a file beside the queue, for people and programs that
/// look. No promise rests on it: the lock decides who may work.
package struct Heartbeat: Hashable, Sendable {
  package var pid: Int
  package var version: String
  /// Identifies the boot that its boot moments count from. Nil where that cannot be determined.
  package var boot: String?
  package var started: WallMoment
  package var look: Look

  /// What a worker knows each time it has looked at the queue.
  package struct Look: Hashable, Sendable {
    package var wall: WallMoment
    package var sinceBoot: BootMoment
    /// The worker looks again by then, whatever happens.
    package var next: BootMoment
    package var lastCall: WallMoment?
    package var lastSuccess: WallMoment?
    /// At most `stuckMost`.
    package var stuck: [Stuck]
    /// How many more there are.
    package var stuckMore: Int

    package init(
      wall: WallMoment, sinceBoot: BootMoment, next: BootMoment, lastCall: WallMoment? = nil,
      lastSuccess: WallMoment? = nil, stuck: [Stuck] = [], stuckMore: Int = 0
    ) {
      self.wall = wall
      self.sinceBoot = sinceBoot
      self.next = next
      self.lastCall = lastCall
      self.lastSuccess = lastSuccess
      self.stuck = stuck
      self.stuckMore = stuckMore
    }

    package static let stuckMost = 20
  }

  package init(pid: Int, version: String, boot: String?, started: WallMoment, look: Look) {
    self.pid = pid
    self.version = version
    self.boot = boot
    self.started = started
    self.look = look
  }
}

/// Whether the worker that holds the lock looks at the queue as it should.
package enum Pulse: String, Hashable, Sendable {
  case working
  /// It was stopped by a signal, or hangs.
  case notResponding = "not_responding"
  /// Its clock cannot be compared with this one.
  case unknown
}

extension Heartbeat {
  /// How long a slow disk or one long transaction may delay a worker.
  package static let grace: Span = .seconds(10)

  /// `asksWait` is how long the oldest ask that no worker has looked at has been waiting, or nil if
  /// there is none. A write to the queue wakes a worker at once, however late its next look was
  /// planned.
  package func pulse(at now: ClockReading, asksWait: Span?) -> Pulse {
    let silence = now.sinceBoot - look.sinceBoot
    guard let boot, boot == now.boot, silence >= 0 else { return .unknown }
    if now.sinceBoot - look.next > Self.grace { return .notResponding }
    let isAwaited = (asksWait ?? 0) > Self.grace
    return isAwaited && silence > Self.grace ? .notResponding : .working
  }

  /// When the worker planned to look next, by the wall clock as it was set then.
  package var next: WallMoment { look.wall + (look.next - look.sinceBoot) }
}

/// Decides when to write down a look. Most looks follow one another within milliseconds and say the
/// same.
package struct HeartbeatPace: Sendable {
  private var written: (look: Heartbeat.Look, news: Int)?

  package init() {}

  /// Whether the written look is out of date, or will be before the next one. `news` changes
  /// whenever something gets stuck or is no longer stuck. Changed texts do not count, because a
  /// server may word every answer differently.
  package mutating func wants(_ look: Heartbeat.Look, news: Int) -> Bool {
    if let written, written.news == news, !isOld(written.look, look) { return false }
    written = (look, news)
    return true
  }

  private func isOld(_ last: Heartbeat.Look, _ look: Heartbeat.Look) -> Bool {
    if look.sinceBoot - last.sinceBoot >= Self.apart { return true }
    // A reader would expect a look at the earlier moment, and none would come.
    if look.next - last.next >= Self.apart { return true }
    // A burst of calls is written down once a second, and at its end.
    return look.next - look.sinceBoot >= Self.apart
      && (look.lastCall, look.lastSuccess) != (last.lastCall, last.lastSuccess)
  }

  private static let apart: Span = .seconds(1)
}
