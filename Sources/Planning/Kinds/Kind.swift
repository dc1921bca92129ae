/// What can be updated. Each kind has an API and a budget of its own.
package enum Kind: String, CaseIterable, Hashable, Sendable {
  case preview, card, session
}

/// What can be called: one API for each kind, and the one that hands out access tokens.
package enum API: String, CaseIterable, Hashable, Sendable {
  case preview, card, session, auth
}

extension Kind {
  /// The API that updates this kind.
  package var api: API {
    switch self {
    case .preview: .preview
    case .card: .card
    case .session: .session
    }
  }

  /// Lanes of this kind share calls; each call of another kind carries one lane's parcel.
  package var sharesCalls: Bool { self == .preview }

  /// Whether a parcel is sent again as it was, to be recognised. Of the others, what is wanted by then
  /// is sent.
  package var repeatsParcels: Bool { self == .card }

  /// Whether calls count against the month's quota. Aily is among the APIs that do not.
  /// [custom-app-api-call-limit]
  package var hasQuota: Bool { self != .session }

  /// Whether a person's access token will do instead of the app's.
  package var takesUserTokens: Bool { self == .session }

  package var pace: Pace {
    switch self {
    case .preview:
      Pace(afterAnswer: Limits.previewWindow + Limits.roundingMargin)
    case .card:
      // The same batch again is recognised, and an older one is refused: nothing that arrives late
      // can do harm.
      Pace(afterStart: Limits.cardSpacing, waitsForTheLate: false)
    case .session:
      // An old value that arrives late would replace a newer one.
      Pace()
    }
  }

  /// Asks older than this are refused for certain, and die without a call.
  package var asksLive: Span? { self == .card ? Limits.cardLife : nil }
}

/// How soon a lane may be in another call.
package struct Pace: Hashable, Sendable {
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
