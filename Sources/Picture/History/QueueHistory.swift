import Planning

/// What a queue did during a window of time: plain values, whatever they were read from. Moments are
/// milliseconds since 1970.
package struct QueueHistory: Sendable {
  package var window: Window
  package var zone: LocalZone
  /// When it was read.
  package var now_ms: Int
  /// The account it is limited to, if it is.
  package var account: String?
  package var verdict: Verdict
  package var state = State()
  /// The busiest first.
  package var channels: [Channel] = []
  package var stretches: [Stretch] = []
  /// The busiest, with the most calls first.
  package var lanes: [Lane] = []
  /// How many lanes were in a call.
  package var lanesInAll = 0
  package var waits: [Wait] = []
  package var packing: [Load] = []
  package var dead: [Reason] = []
  package var refused: [Reason] = []
  package var slowest: [SlowCall] = []
  package var keys: [Key] = []

  package init(window: Window, zone: LocalZone, now_ms: Int, account: String?, verdict: Verdict) {
    self.window = window
    self.zone = zone
    self.now_ms = now_ms
    self.account = account
    self.verdict = verdict
  }

  /// Whether the window has neither calls nor waiting times, nor anything dead or due.
  package var isEmpty: Bool {
    channels.isEmpty && waits.isEmpty && dead.isEmpty && state.oldestDue_ms == nil
  }
}

extension QueueHistory {
  /// The verdict of `status --check`.
  package struct Verdict: Equatable, Sendable {
    package enum Tone: String, Sendable { case well, late, wrong }

    package let tone: Tone
    /// With the command that helps, if there is one.
    package let sentence: String

    package init(_ tone: Tone, _ sentence: String) {
      self.tone = tone
      self.sentence = sentence
    }
  }

  /// How the queue is now.
  package struct State: Equatable, Sendable {
    /// How long the lane has been due that has been due longest.
    package var oldestDue_ms: Int?
    package var due = 0
    package var inFlight = 0
    package var dead = 0
    package var quotas: [Quota] = []

    package init() {}
  }

  /// The monthly quota of an account, with its projected end.
  package struct Quota: Equatable, Sendable {
    package let account: String
    package let used: Int
    package let most: Int
    /// How many calls the month will have had, at the pace of the last seven days.
    package let projected: Int
    /// When it is used up, if that is before the month is over.
    package let ends_ms: Int?

    package init(
      account: String, used: Int, most: Int, pace: CallPace, now_ms: Int, monthEnds_ms: Int
    ) {
      self.account = account
      self.used = used
      self.most = most
      projected = used + pace.expected(within: monthEnds_ms - now_ms)
      ends_ms =
        projected > most ? pace.time(for: most - used).map { min(now_ms + $0, monthEnds_ms) } : nil
    }
  }

  /// What has one rate limit: an account and an API.
  package struct Channel: Equatable, Sendable {
    package let account: String
    package let api: String
    /// Limits as calls per milliseconds.
    package let limits: [Limit]
    package var counts: [Count]

    package struct Limit: Equatable, Sendable {
      package let calls: Int
      package let per_ms: Int

      package init(calls: Int, per_ms: Int) {
        self.calls = calls
        self.per_ms = per_ms
      }
    }

    /// Calls that began in one step of the window and ended alike.
    package struct Count: Equatable, Sendable {
      package let place: Int
      package let end: CallEnd
      package let calls: Int
      package let lanes: Int

      package init(place: Int, end: CallEnd, calls: Int, lanes: Int) {
        self.place = place
        self.end = end
        self.calls = calls
        self.lanes = lanes
      }
    }

    package init(account: String, api: String, limits: [Limit], counts: [Count]) {
      self.account = account
      self.api = api
      self.limits = limits
      self.counts = counts
    }

    /// Calls that hand out access tokens carry no lanes and are no part of a rate limit.
    package var isForTokens: Bool { api == API.auth.rawValue }

    package func calls(_ end: CallEnd? = nil) -> Int {
      counts.reduce(0) { end == nil || $1.end == end ? $0 + $1.calls : $0 }
    }

    /// How many calls began in each step of the window.
    package var perPlace: [Int: Int] {
      counts.reduce(into: [:]) { $0[$1.place, default: 0] += $1.calls }
    }

    /// How many calls may be made in so many milliseconds.
    package func most(in span_ms: Int) -> Int? {
      limits.filter { $0.per_ms > 0 }.map { limit in
        // A bar that is shorter than the limit's own span may hold all of its calls.
        span_ms <= limit.per_ms ? limit.calls : limit.calls * span_ms / limit.per_ms
      }.min()
    }
  }
}

/// How a call ended, as far as the colours of a chart tell it.
package enum CallEnd: String, CaseIterable, Sendable {
  case delivered
  /// For being too many, or for the month's quota.
  case limited
  case refused
  /// There was no answer, or it may work later.
  case failed
  case open

  /// From the column `outcome` of the table `call`.
  package init(outcome: String?) {
    switch outcome {
    case nil: self = .open
    case "delivered": self = .delivered
    case "limited", "quota": self = .limited
    case "refused", "token refused", "parked": self = .refused
    default: self = .failed
    }
  }

  package var title: String {
    switch self {
    case .delivered: "delivered"
    case .limited: "too many"
    case .refused: "refused"
    case .failed: "failed"
    case .open: "in flight"
    }
  }

  /// Whether Feishu said no.
  package var isRefusal: Bool { self == .limited || self == .refused }
}
