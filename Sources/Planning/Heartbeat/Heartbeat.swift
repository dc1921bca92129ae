/// What a worker says of itself beside the queue, for people and programs that look. No promise rests on it:
/// who may work is decided by the lock.
package struct Heartbeat: Hashable, Sendable {
  package var pid: Int
  package var version: String
  /// Which start of the machine its boot moments count from; nil where that cannot be told.
  package var boot: String?
  package var started: WallMoment
  package var look: Look

  /// What a worker knows each time it has looked at the queue.
  package struct Look: Hashable, Sendable {
    package var wall: WallMoment
    package var sinceBoot: BootMoment
    /// It looks again by then, whatever happens.
    package var next: BootMoment
    package var lastCall: WallMoment?
    package var lastSuccess: WallMoment?
    /// At most `stuckMost`.
    package var stuck: [Stuck]
    /// How many there are besides.
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

/// Whether a worker that has the lock looks at the queue as it should.
package enum Pulse: String, Hashable, Sendable {
  case working
  /// It was stopped by a signal, or hangs.
  case notResponding = "not_responding"
  /// Its clock cannot be compared with this one.
  case unknown
}

extension Heartbeat {
  /// A slow disk, or one long transaction, may hold up a worker for so long.
  package static let grace: Span = .seconds(10)

  /// `asksWait` is for how long the oldest ask has waited that no worker has looked at; nil when there is none.
  /// A write to the queue wakes a worker at once, whenever it meant to look next.
  package func pulse(at now: ClockReading, asksWait: Span?) -> Pulse {
    let silence = now.sinceBoot - look.sinceBoot
    guard let boot, boot == now.boot, silence >= 0 else { return .unknown }
    if now.sinceBoot - look.next > Self.grace { return .notResponding }
    let isAwaited = (asksWait ?? 0) > Self.grace
    return isAwaited && silence > Self.grace ? .notResponding : .working
  }

  /// When it meant to look next, on the wall clock as it was then.
  package var next: WallMoment { look.wall + (look.next - look.sinceBoot) }
}

/// When to write down a look. Most looks follow one another within milliseconds and say the same.
package struct HeartbeatPace: Sendable {
  private var written: (look: Heartbeat.Look, news: Int)?

  package init() {}

  /// Whether what is written down is too old, or will be before the next look. `news` is another number
  /// whenever something has got stuck or has come loose; the texts do not count, for a server may give each
  /// answer another one.
  package mutating func wants(_ look: Heartbeat.Look, news: Int) -> Bool {
    if let written, written.news == news, !isOld(written.look, look) { return false }
    written = (look, news)
    return true
  }

  private func isOld(_ last: Heartbeat.Look, _ look: Heartbeat.Look) -> Bool {
    if look.sinceBoot - last.sinceBoot >= Self.apart { return true }
    // Whoever reads it would wait in vain for a look at the moment that was named.
    if look.next - last.next >= Self.apart { return true }
    // A burst of calls is written down once a second, and at its end.
    return look.next - look.sinceBoot >= Self.apart
      && (look.lastCall, look.lastSuccess) != (last.lastCall, last.lastSuccess)
  }

  private static let apart: Span = .seconds(1)
}
