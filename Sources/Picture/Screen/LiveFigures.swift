/// A queue at one moment: plain values, whatever they were read from.
package struct LiveFigures: Equatable, Sendable {
  /// What has one rate limit.
  package struct Channel: Equatable, Sendable {
    package let account: String
    package let api: String
    package let budgets: [Budget]
    /// Why it makes no calls now: `paused until 14:05:07: …`. Nil if it may.
    package let stopped: String?

    /// The calls of the last span against what may be made in it.
    package struct Budget: Equatable, Sendable {
      package let calls: Int
      package let most: Int
      package let per_ms: Int

      package init(calls: Int, most: Int, per_ms: Int) {
        self.calls = calls
        self.most = most
        self.per_ms = per_ms
      }
    }

    package init(account: String, api: String, budgets: [Budget], stopped: String?) {
      self.account = account
      self.api = api
      self.budgets = budgets
      self.stopped = stopped
    }
  }

  package struct Call: Equatable, Sendable {
    package enum Audience: Equatable, Sendable {
      case everyone
      case users(Int)
    }

    package let number: Int
    package let account: String
    package let api: String
    /// Milliseconds since 1970.
    package let began_ms: Int
    package let took_ms: Int?
    package let lanes: Int
    /// Of previews.
    package let audience: Audience?
    package let outcome: String
    /// What Feishu said, if the call was not delivered.
    package let answer: String?

    package init(
      number: Int, account: String = "default", api: String = "preview", began_ms: Int = 0,
      took_ms: Int?, lanes: Int, audience: Audience?, outcome: String, answer: String? = nil
    ) {
      self.number = number
      self.account = account
      self.api = api
      self.began_ms = began_ms
      self.took_ms = took_ms
      self.lanes = lanes
      self.audience = audience
      self.outcome = outcome
      self.answer = answer
    }
  }

  package var verdict = QueueHistory.Verdict(.well, "all is well")
  package var asksNew = 0
  package var asksDelayed = 0
  package var lanesDue = 0
  package var lanesWaiting = 0
  package var lanesPaused = 0
  package var lanesParked = 0
  package var lanesInFlight = 0
  package var lanesDead = 0
  package var oldestDue_ms: Int?
  /// The busiest first.
  package var channels: [Channel] = []
  /// The newest first.
  package var calls: [Call] = []
  /// Calls that were not delivered, the newest first.
  package var troubles: [Call] = []

  package init() {}
}
