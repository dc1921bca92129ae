/// An account and a kind. It has one rate limit, which its lanes share.
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

/// Why an account is stopped. It stays so until a person acts, or until a trial call at `probe`
/// shows that the problem is fixed.
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

/// Why a channel is paused.
package enum PauseReason: String, Hashable, Sendable {
  /// Until the server accepts calls again.
  case paused
  /// The month's quota is used up.
  case quota
  /// A secret cannot be read.
  case credentials

  package var blocker: Opening.Reason {
    switch self {
    case .paused: .paused
    case .quota: .quota
    case .credentials: .credentials
    }
  }
}

/// What is kept between runs about an account's use of one API.
package struct ChannelRecord: Hashable, Sendable {
  package var pausedUntil: Moment = .zero
  package var pausedWhy: String?
  package var pausedFor = PauseReason.paused
  /// Why the next call may not go yet, as JSON for the views. Reasons that concern the whole
  /// account are left out.
  package var opening = "{}"
  package var months = MonthlyCalls()
  /// A short hash that identifies a refused user access token. Nil if none was refused.
  package var refusedMark: Int?
  package var health = Health()
  /// When a call was last refused because there were too many.
  package var limitedAt: Moment?
  /// The month whose quota Feishu reports as used up.
  package var spentMonth: Int?

  package init() {}

  /// Nothing is sent before `moment`. A longer pause that is already set stays.
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

  /// Ends what `larkspur resume` ends: pauses, and the failures behind them. The count of dead
  /// lanes stays.
  package mutating func resume() {
    endPause()
    refusedMark = nil
    spentMonth = nil
    health.failures = 0
    health.probes = nil
    health.foreignSince = nil
  }
}
