/// How long sightings are kept, and how many. An account's configuration may change it.
package struct SightingLimits: Hashable, Sendable {
  /// A preview that no client has requested for this long is in a chat that nobody reads any more.
  package var days = 30
  /// More of them take minutes to refresh at Feishu's rate.
  package var previewsPerKey = 1_000
  /// A refresh of a preview with more viewers is for everyone.
  package var viewersMost = Preview.peoplePerCall

  package init() {}

  /// What was last seen before this day goes.
  package func horizon(on day: Int) -> Int { day - days }
}

/// Which day a pass over all sightings takes for today.
///
/// The wall clock may be years ahead for a while, and everything would then seem to be old. So a
/// pass is at most two days on from the one before, and there is one a day by the queue's clock,
/// which nobody can set. Two, so that it catches up after the machine was off, when nothing could
/// be seen.
package struct ForgettingDays: Equatable, Sendable {
  /// What the last pass took for today; 0 if there was none. It never goes back.
  package private(set) var last: Int
  /// When the last pass began.
  package private(set) var began: Moment

  private static let mostAtOnce = 2
  private static let apart: Span = .days(1)

  package init(last: Int, began: Moment) {
    self.last = last
    self.began = began
  }

  /// When the next pass may begin. A pass in the future was noted by a clock that is gone.
  package func next(at now: Moment) -> Moment { began > now ? now : began + Self.apart }

  /// Before the clock is known to be right, a pass forgets too little rather than too much.
  package func today(wall: Int) -> Int { min(wall, last + Self.mostAtOnce) }

  /// The newest day that a sighting can carry, if the clock can be believed. The row of a later one
  /// was written while the clock was ahead.
  package func newest(wall: Int) -> Int? {
    (last...last + Self.mostAtOnce).contains(wall) ? wall : nil
  }

  /// Notes that a pass has ended. `oldest` is the day of the oldest sighting left: today is not
  /// before it, so that the first pass of a queue, or one with a clock far behind, does not hold
  /// back those that follow.
  package mutating func end(today: Int, oldest: Int?, wall: Int, began: Moment) {
    last = max(last, today, min(wall, oldest ?? wall))
    self.began = began
  }
}

extension Instant where Clock == WallTime {
  /// The day by UTC, counted from 1970. Sightings carry days and not moments, so that one that is
  /// repeated changes nothing.
  package var day: Int {
    let (days, rest) = ms.quotientAndRemainder(dividingBy: Span.days(1))
    return rest < 0 ? days - 1 : days
  }
}
