/// What an answer means for the lanes in the call.
package enum Verdict: Hashable, Sendable {
  case delivered
  /// Sending the same thing again will not help. An undocumented code may mean that too, or it may
  /// be what an outage looks like.
  case refused(isDocumented: Bool)
  /// The same call may work later.
  case tryAgain
  /// Something other than Feishu answered: a web page, a redirect, or a gateway speaking for
  /// itself.
  case foreign
  /// The call never left. Nothing is known to be wrong with its content.
  case unreachable
  /// The lane's current state does not allow this update.
  case unfit
  /// The sequence number is not above the last one accepted.
  case outOfOrder
  /// The uuid is that of something accepted before.
  case alreadyKnown
  /// Someone else is using the lane at the moment.
  case busy
  /// The lane does not exist, or no longer does. Nothing for it will ever be accepted.
  case gone
  /// Too many calls. Nothing is wrong with this one.
  case limited
  /// The month's calls are used up.
  case quotaSpent
  /// The access token was refused. Another one may be accepted.
  case tokenRefused
  /// The app ticket of a store app was refused. Feishu pushes another one.
  case ticketRefused
  /// Only a person can fix it.
  case parked(Trouble)
}

/// What only a person can fix, by where to fix it.
package enum Trouble: String, Hashable, Sendable, CaseIterable {
  /// The app id and secret do not match.
  case credentials
  /// A scope is missing, the app is disabled or not installed, or this machine's address is not
  /// allowed.
  case permission
  /// What answers at this host is not Feishu's API.
  case address
}

extension Verdict {
  /// Reads an answer in order of precedence: what the network reports, then the code in the body,
  /// then the HTTP status. The code comes before the status because error codes arrive with 200,
  /// 400 and 429 alike.
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
    // An unknown code may be about the token. A call with another token shows whether it is.
    case 401, 403: hasCode ? .tokenRefused : .foreign
    // A proxy asks for credentials. Only the person who runs it can provide them.
    case 407: .parked(.address)
    case 408, 425, 500...: .tryAgain
    default: hasCode ? .refused(isDocumented: false) : .foreign
    }
  }
}
