/// What an answer means for the lanes in the call.
package enum Verdict: Hashable, Sendable {
  case delivered
  /// What was sent will not be accepted as it is. A code that nobody has documented may mean that, or
  /// may be how an outage looks.
  case refused(isDocumented: Bool)
  /// It may work later.
  case tryAgain
  /// Something answered, and it was not Feishu: a page, a redirect, a gateway on its own account.
  case foreign
  /// It never left. Nothing is known to be wrong with what was to be sent.
  case unreachable
  /// What the lane is at the moment does not take it.
  case unfit
  /// The number is not above the last one that was accepted.
  case outOfOrder
  /// It bears the name of something that was accepted before.
  case alreadyKnown
  /// The lane is in other hands for a moment.
  case busy
  /// The lane does not exist, or not any more: nothing for it will ever be accepted.
  case gone
  /// Too many calls. Nothing is wrong with this one.
  case limited
  /// The month's calls are used up.
  case quotaSpent
  /// The access token was not accepted; another one may be.
  case tokenRefused
  /// Only a person can mend it.
  case parked(Trouble)
}

/// What only a person can mend, by where it is to be mended.
package enum Trouble: String, Hashable, Sendable, CaseIterable {
  /// App id and secret do not belong together.
  case credentials
  /// A scope is missing, the app is disabled or not installed, or this address is not allowed.
  case permission
  /// What answers at this host is not Feishu's API.
  case address
}

extension Verdict {
  /// Reads an answer in the order that decides: what the wire says, then the code in the body under
  /// any HTTP status (codes for errors arrive with 200, 400 and 429 alike), then the status.
  package init(of answer: Answer, from api: API) {
    switch answer {
    case .neverLeft, .tooLate: self = .unreachable
    case .noAnswer: self = .tryAgain
    case .reply(let reply): self = Self.judge(reply, from: api)
    }
  }

  private static func judge(_ reply: Reply, from api: API) -> Verdict {
    if let code = reply.code, code != 0 || (200..<300).contains(reply.status) {
      if code == 0 { return .delivered }
      if let known = KnownCode.verdict(of: code, from: api) { return known }
    }
    return judge(status: reply.status, hasCode: reply.code != nil)
  }

  private static func judge(status: Int, hasCode: Bool) -> Verdict {
    switch status {
    case 429: .limited
    // A code that nobody knows may be about the token; another one shows whether it is.
    case 401, 403: hasCode ? .tokenRefused : .foreign
    // A proxy wants to know who is calling, which only its owner can say.
    case 407: .parked(.address)
    case 408, 425, 500...: .tryAgain
    default: hasCode ? .refused(isDocumented: false) : .foreign
    }
  }
}
