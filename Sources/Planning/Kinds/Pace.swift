/// How soon a lane may be in another call.
package struct Pace: Hashable, Sendable {
  /// No slot and no wait is longer than some minutes.
  package static let longestWait: Span = .hours(1)

  /// How long a lane is left alone of which nobody knows when it was last in a call.
  package static let safeWait: Span = .minutes(1)

  /// After the answer, since the server counts arrivals and the call had arrived by then.
  package var afterAnswer: Span = 0
  /// After the call was written down.
  package var afterStart: Span = 0
  /// Whether a call that nobody answered is waited for until it can no longer be carried out.
  package var waitsForTheLate = true

  /// What a lane is charged when its call begins, in case nobody is left to record the answer.
  package func slot(started: Moment, timeout: Span) -> Moment {
    waitsForTheLate ? started + max(timeout + afterAnswer, afterStart) : started + afterStart
  }

  /// The slot once the outcome is known; nil when the call never left.
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
