/// An account and a kind: what has one rate limit, and the lanes that share it.
package struct Channel: Hashable, Comparable, Sendable {
  package let account: Int
  package let kind: Kind

  package init(account: Int, kind: Kind) {
    self.account = account
    self.kind = kind
  }

  package static func < (left: Channel, right: Channel) -> Bool {
    (left.account, left.kind.rawValue) < (right.account, right.kind.rawValue)
  }
}

/// Why an account is stopped until a person acts, or one try at `probe` shows that it is fixed.
package struct Parked: Hashable, Sendable {
  package let trouble: Trouble
  package let why: String
  package let probe: Moment

  package init(trouble: Trouble, why: String, probe: Moment) {
    self.trouble = trouble
    self.why = why
    self.probe = probe
  }
}

/// What a pause of a channel waits for.
package enum PauseReason: String, Hashable, Sendable {
  /// That the server accepts something again.
  case paused
  /// The month's calls are spent.
  case quota
  /// A secret cannot be read.
  case credentials

  var blocker: Opening.Reason {
    switch self {
    case .paused: .paused
    case .quota: .quota
    case .credentials: .credentials
    }
  }
}

/// What outlives a run of an account's right to call one API.
package struct ChannelRecord: Hashable, Sendable {
  package var pausedUntil: Moment = .zero
  package var pausedWhy: String?
  /// What the pause waits for.
  package var pausedFor = PauseReason.paused
  /// Why the next call may not go yet, apart from what concerns the whole account: for those who read the file.
  package var opening = "{}"
  package var months = MonthlyCalls()
  /// By which a user access token that was refused is recognised; nil when none was.
  package var refusedMark: Int?
  package var health = Health()
  /// When a call was last one too many.
  package var limitedAt: Moment?
  /// The month of which Feishu says that its quota is spent.
  package var spentMonth: Int?

  package init() {}

  /// Nothing is sent before `moment`, unless a longer pause says so already.
  package mutating func pause(until moment: Moment, for reason: PauseReason, why: String) {
    guard moment > pausedUntil else { return }
    pausedUntil = moment
    pausedFor = reason
    pausedWhy = why
  }

  package mutating func endPause() {
    pausedUntil = .zero
    pausedFor = .paused
    pausedWhy = nil
  }

  /// Ends what `larkspur resume` ends: pauses, and the failures behind them. Dead lanes stay counted.
  package mutating func resume() {
    endPause()
    refusedMark = nil
    spentMonth = nil
    health.failures = 0
    health.probes = nil
    health.foreignSince = nil
  }
}
