/// What a verdict says beyond the lanes in its call.
extension Verdict {
  /// What it says of the channel; nil where it is the account that it speaks of, or nothing. A call that was
  /// written down too late to be sent says nothing.
  package func failing(of lanes: [Int], _ answer: Answer) -> Failing? {
    if answer == .tooLate { return nil }
    return switch self {
    case .delivered, .quotaSpent, .tokenRefused, .parked: nil
    case .tryAgain: .host
    case .foreign: .foreign
    case .unreachable: .unreachable
    case .limited: .limit
    case .refused(let isDocumented): .refusal(lanes: lanes, isDocumented: isDocumented)
    case .unfit, .outOfOrder, .alreadyKnown, .busy, .gone:
      .refusal(lanes: lanes, isDocumented: true)
    }
  }

  /// What it says of the account.
  package enum Consequence: Hashable, Sendable {
    case none
    case hostUnreachable
    /// What answers is not Feishu: if it stays so, only a person can know why.
    case hostForeign
    case quotaSpent
    case appTokenRefused
    case userTokenRefused
    case parked(Trouble)
  }

  package func consequence(_ answer: Answer, withUserToken isPersons: Bool) -> Consequence {
    switch self {
    case .unreachable: answer == .tooLate ? .none : .hostUnreachable
    case .foreign: .hostForeign
    case .quotaSpent: .quotaSpent
    case .tokenRefused: isPersons ? .userTokenRefused : .appTokenRefused
    // A person has not granted something: another person's token may do.
    case .parked(.permission) where isPersons: .userTokenRefused
    case .parked(let trouble): .parked(trouble)
    case .delivered, .refused, .tryAgain, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone,
      .limited:
      .none
    }
  }

  /// The same of a request for an access token, which carries none: what is refused is the app's id and secret.
  package func consequenceOfTokenRequest(_ answer: Answer) -> Consequence {
    switch self {
    case .refused(isDocumented: true), .tokenRefused, .unfit, .outOfOrder, .alreadyKnown, .busy,
      .gone:
      .parked(.credentials)
    // Access tokens do not count against a quota.
    case .quotaSpent: .none
    case .delivered, .refused, .tryAgain, .limited, .unreachable, .foreign, .parked:
      consequence(answer, withUserToken: false)
    }
  }

  /// Whether it shows that the app's access token is good.
  package func provesAppToken(_ answer: Answer, withUserToken isPersons: Bool) -> Bool {
    answer.mayHaveLeft && self != .tokenRefused && !isPersons
  }

  /// Failed calls are not counted by the quota. One that may have been carried out is, to be safe.
  package var failsFreely: Bool {
    switch self {
    case .delivered, .tryAgain, .foreign: false
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone, .unreachable, .limited,
      .quotaSpent, .tokenRefused, .parked:
      true
    }
  }

  /// The word in the history.
  package var word: String {
    switch self {
    case .delivered: "delivered"
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone: "refused"
    case .tryAgain, .foreign: "try again"
    case .unreachable: "unreachable"
    case .limited: "limited"
    case .quotaSpent: "quota"
    case .tokenRefused: "token refused"
    case .parked: "parked"
    }
  }
}

extension Answer {
  /// Whether any of it may have been on the wire.
  package var mayHaveLeft: Bool {
    switch self {
    case .neverLeft, .tooLate: false
    case .noAnswer, .reply: true
    }
  }

  /// How long the server asks to wait.
  package var wait: Span? {
    guard case .reply(let reply) = self else { return nil }
    return reply.wait
  }
}
