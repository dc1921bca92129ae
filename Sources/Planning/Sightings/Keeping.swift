/// How long sightings are kept, and how many.
package enum Keeping {
  /// A preview that no client has requested for this long is in a chat that nobody reads any more.
  package static let days = 30
  /// Of one key. More of them take minutes to refresh at Feishu's rate.
  package static let previewsOfAKey = 1_000

  /// What was last seen before this day goes.
  package static func horizon(on day: Int) -> Int { day - days }
}

extension Instant where Clock == WallTime {
  /// The day by UTC, counted from 1970. Sightings carry days and not moments, so that one that is
  /// repeated changes nothing.
  package var day: Int {
    let (days, rest) = ms.quotientAndRemainder(dividingBy: Span.days(1))
    return rest < 0 ? days - 1 : days
  }

  /// The first moment of a day. Not an initializer, because `WallMoment.init` alone could then mean
  /// either.
  package static func start(ofDay day: Int) -> Self { Self(ms: day * Span.days(1)) }
}
