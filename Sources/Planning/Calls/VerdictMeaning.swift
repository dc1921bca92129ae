extension Verdict {
  /// What it says about the lanes if they now go to another host or come from another app. A refusal
  /// then says nothing about them, and costs no attempt.
  package var afterChangeOfApp: Verdict {
    switch self {
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone: .tokenRefused
    case .delivered, .tryAgain, .foreign, .unreachable, .limited, .quotaSpent, .tokenRefused,
      .ticketRefused, .parked:
      self
    }
  }
}

/// What a verdict says about more than the lanes in its call.
extension Verdict {
  /// What it says about the channel. Nil if it says nothing about it, or concerns the account
  /// instead. A call that this machine was too slow to send says nothing.
  package func failing(of lanes: [Int], _ answer: Answer) -> Failing? {
    if answer == .tooLate { return nil }
    return switch self {
    case .delivered, .quotaSpent, .tokenRefused, .ticketRefused, .parked: nil
    case .tryAgain: .host
    case .foreign: .foreign
    case .unreachable: .unreachable
    case .limited: .limit
    case .refused(let isDocumented): .refusal(lanes: lanes, isDocumented: isDocumented)
    case .unfit, .outOfOrder, .alreadyKnown, .busy, .gone:
      .refusal(lanes: lanes, isDocumented: true)
    }
  }

  /// What it says about the account.
  package enum Consequence: Hashable, Sendable {
    case none
    case hostUnreachable
    /// What answers is not Feishu. If that lasts, only a person can find out why.
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
    // One user has not granted something. Another user's token may work.
    case .parked(.permission) where isPersons: .userTokenRefused
    case .parked(let trouble): .parked(trouble)
    case .delivered, .refused, .tryAgain, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone,
      .limited, .ticketRefused:
      .none
    }
  }

  /// The same for a request for an access token. It carries no token, so a refusal concerns the app
  /// id and secret.
  package func consequenceOfTokenRequest(_ answer: Answer) -> Consequence {
    switch self {
    case .refused(isDocumented: true), .tokenRefused, .unfit, .outOfOrder, .alreadyKnown, .busy,
      .gone:
      .parked(.credentials)
    // Access tokens do not count against a quota.
    case .quotaSpent: .none
    case .delivered, .refused, .tryAgain, .limited, .unreachable, .foreign, .ticketRefused, .parked:
      consequence(answer, withUserToken: false)
    }
  }

  /// Whether the answer shows that the app's access token is good. Only Feishu can tell: a page of a
  /// gateway, or no answer, says nothing about the token.
  package func provesAppToken(_ answer: Answer, withUserToken isPersons: Bool) -> Bool {
    if isPersons { return false }
    switch self {
    case .delivered, .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone,
      .parked(.permission):
      return answer.isFeishus
    // Limits are counted before the token is looked at.
    case .tryAgain, .foreign, .unreachable, .limited, .quotaSpent, .tokenRefused, .ticketRefused,
      .parked:
      return false
    }
  }

  /// The quota does not count failed calls. A call that the server may have acted on is counted to
  /// be safe.
  package var failsFreely: Bool {
    switch self {
    case .delivered, .tryAgain, .foreign: false
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone, .unreachable, .limited,
      .quotaSpent, .tokenRefused, .ticketRefused, .parked:
      true
    }
  }

  /// The word used in the history.
  package var word: String {
    switch self {
    case .delivered: "delivered"
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone: "refused"
    case .tryAgain, .foreign: "try again"
    case .unreachable: "unreachable"
    case .limited: "limited"
    case .quotaSpent: "quota"
    case .tokenRefused, .ticketRefused: "token refused"
    case .parked: "parked"
    }
  }
}

extension Answer {
  /// Whether it has a code, as all that Feishu answers.
  fileprivate var isFeishus: Bool {
    if case .reply(let reply) = self { reply.code != nil } else { false }
  }

  /// Whether any part of the call may have been sent.
  package var mayHaveLeft: Bool {
    switch self {
    case .neverLeft, .tooLate: false
    case .noAnswer, .reply: true
    }
  }

  /// How long the server asks the client to wait.
  package var wait: Span? {
    guard case .reply(let reply) = self else { return nil }
    return reply.wait
  }
}
