import Planning

/// When a run looks at the shared queue, and when it asks for new asks.
///
/// A run at work does both many times a second. One that has had nothing to do for a while sleeps: it looks rarely and
/// is notified of new asks.
struct LookPace {
  private(set) var nextLook: BootMoment = .zero
  private(set) var nextPull: BootMoment = .zero
  private(set) var isAsleep = false
  /// When something last happened.
  private var busy: BootMoment = .zero

  private static let interval = Watching.interval
  private static let sleepingInterval: Span = .seconds(2)
  private static let sleepsAfter: Span = .seconds(1)
  /// Without a notification, a run at work finds new asks this late.
  private static let pullInterval: Span = 20
  private static let sleepingPullInterval: Span = 100
  private static let pauseAfterTrouble: Span = 200

  var next: BootMoment { min(nextLook, nextPull) }

  mutating func looks(mayDoze: Bool, at now: BootMoment) {
    isAsleep = mayDoze && now - busy > Self.sleepsAfter
    nextLook = now + (isAsleep ? Self.sleepingInterval : Self.interval)
  }

  /// Something may have been asked for of which the server will not tell a run that sleeps.
  mutating func needsPull(at now: BootMoment) { nextPull = now }

  /// `isWoken` if the server tells a sleeping run what it is asked for.
  mutating func hasPulled(isWoken: Bool, at now: BootMoment) {
    if isAsleep && isWoken {
      nextPull = nextLook
    } else {
      nextPull = now + (isAsleep ? Self.sleepingPullInterval : Self.pullInterval)
    }
  }

  mutating func noteActivity(at now: BootMoment) {
    busy = now
    isAsleep = false
    nextLook = min(nextLook, now + Self.interval)
    nextPull = min(nextPull, now + Self.pullInterval)
  }

  mutating func noteTrouble(at now: BootMoment) {
    nextLook = max(nextLook, now + Self.pauseAfterTrouble)
    nextPull = max(nextPull, nextLook)
  }
}
