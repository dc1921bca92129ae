/// How soon a lane may be in another call.
package struct Pace: Hashable, Sendable {
  /// Real slots and waits last minutes. A longer one is an error in the row.
  package static let longestWait: Span = .hours(1)

  /// How long a lane waits when it is unknown when it was last in a call.
  package static let safeWait: Span = .minutes(1)

  /// Counted from the answer, because the server counts arrivals and the call had arrived by then.
  package var afterAnswer: Span = 0
  /// Counted from when the call was written down.
  package var afterStart: Span = 0
  /// Whether the lane of an unanswered call waits until the server can no longer act on that call.
  package var waitsForTheLate = true

  /// The slot written when a call begins. It holds if the worker dies before it records the answer.
  package func slot(started: Moment, timeout: Span) -> Moment {
    waitsForTheLate ? started + max(timeout + afterAnswer, afterStart) : started + afterStart
  }

  /// The slot once the outcome is known. Nil if the call never left.
  package func slot(
    after answer: Answer, started: Moment, timeout: Span, at now: Moment
  ) -> Moment? {
    let earliest = started + afterStart
    return switch answer {
    case .neverLeft, .tooLate: nil
    case .noAnswer where waitsForTheLate: max(now, started + timeout, earliest) + afterAnswer
    case .noAnswer, .reply: max(now + afterAnswer, earliest)
    }
  }
}
