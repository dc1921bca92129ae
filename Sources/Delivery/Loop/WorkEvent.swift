import Planning

/// Something that happened during a run and that a person may want to read. It contains no secrets.
package enum WorkEvent: Sendable {
  case called(CallReport)
  /// Asks of this lane will not be delivered.
  case died(account: String, Aim, lane: String, reason: String, AnswerFacts)
  /// `credentials` are what to check if they are the trouble.
  case parked(
    account: String, Trouble, isTenant: Bool, credentials: CredentialsPlace? = nil, why: String,
    AnswerFacts)
  case unparked(account: String)
  case paused(account: String, API, forMilliseconds: Int, why: String, AnswerFacts)
  /// Found at the start: calls whose run ended before they were answered.
  case recovered(calls: Int)
  /// The queue could not be written for now.
  case storeFailed(String)
  case storeRecovered
  /// Lanes wait for an account that is not configured.
  case unknownAccount(String)
  /// An account is new in the configuration, has other settings, or is gone from it.
  case accountAdded(String)
  case accountChanged(String, Set<Setting>, isResumed: Bool)
  case accountRemoved(String)
  /// The configuration was reloaded and no account has changed.
  case configurationUnchanged
  /// The configuration cannot be used; the accounts stay as they were.
  case configurationUnusable(String)
  /// The app secret cannot be read; the account waits for it.
  case secretMissing(account: String, why: String)
  /// The user access token cannot be read; the calls of this API wait for it.
  case userTokenMissing(account: String, API, why: String)
  /// All secrets of the account can be read again.
  case secretFound(account: String)
}

/// One finished call.
package struct CallReport: Sendable {
  package let account: String
  package let api: API
  package let call: Int
  package let lanes: [String]
  package let audience: Audience?
  package let took_ms: Int
  package let outcome: String
  package let detail: String
  package let answer: AnswerFacts
  package let isGood: Bool
}

/// What identifies an answer to Feishu's support. All nil if there was none.
package struct AnswerFacts: Equatable, Sendable {
  package var code: Int?
  package var status: Int?
  package var logID: String?

  package static let none = AnswerFacts()

  package init(code: Int? = nil, status: Int? = nil, logID: String? = nil) {
    self.code = code
    self.status = status
    self.logID = logID
  }

  init(_ answer: Answer) {
    if case .reply(let reply) = answer {
      self.init(code: reply.code, status: reply.status, logID: reply.logID)
    } else {
      self = .none
    }
  }
}

/// The state of a run, for the progress line and the summary.
package struct WorkProgress: Sendable {
  /// Lanes for which everything that was asked has ended.
  package var lanesDone = 0
  /// Lanes that wait or are in flight.
  package var lanesLeft = 0
  /// Asks that are delayed, and how long the first of them has to wait.
  package var asksDelayed = 0
  package var nextDelayed: Span?
  package var calls = 0
  /// Requests for access tokens, which are not among the calls.
  package var tokenCalls = 0
  package var callsPerSecond = 0.0
  package var awaited = Awaited.asks
  /// How long the run still has; nil if it has no time limit.
  package var left: Span?

  package init() {}
}

/// What a run waits for.
package enum Awaited: Equatable, Sendable {
  /// Nothing is pending.
  case asks
  /// The answers to this many calls.
  case answers(Int)
  /// The moment at which something may go, or at which what keeps it from going is looked at again.
  case moment(in: Span)
  /// Somebody who fixes what keeps everything from going, and the next try without that.
  case person(nextTry: Span?)
}
