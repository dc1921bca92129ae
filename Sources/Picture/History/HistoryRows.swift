/// The rows that a history consists of.
extension QueueHistory {
  /// When the worker ran, and what kept it from calling.
  package struct Stretch: Equatable, Sendable {
    package enum What: String, Sendable { case run, pause, parking }

    package let what: What
    /// Nil for a run.
    package let account: String?
    /// Of a pause.
    package let api: String?
    package let reason: String?
    package let why: String?
    package let began_ms: Int
    /// Nil if it lasts.
    package let ended_ms: Int?

    package init(
      _ what: What, account: String? = nil, api: String? = nil, reason: String? = nil,
      why: String? = nil, began_ms: Int, ended_ms: Int?
    ) {
      self.what = what
      self.account = account
      self.api = api
      self.reason = reason
      self.why = why
      self.began_ms = began_ms
      self.ended_ms = ended_ms
    }
  }

  package struct Lane: Equatable, Sendable {
    package let account: String
    package let kind: String
    package let name: String
    /// Whether the name gives access to what it names, as a preview token does.
    package let isSecret: Bool
    package let calls: Int
    /// How long it must rest after an answer.
    package let slot_ms: Int
    /// One of the keys that it shows, if its sightings name any.
    package var key: String?
    /// In the order of time. Of calls too close to tell apart there is one, the worst.
    package var ticks: [Tick] = []
    package var waits: [Waited] = []

    package struct Tick: Equatable, Sendable {
      package let began_ms: Int
      package let ended_ms: Int?
      package let end: CallEnd

      package init(began_ms: Int, ended_ms: Int?, end: CallEnd) {
        self.began_ms = began_ms
        self.ended_ms = ended_ms
        self.end = end
      }
    }

    /// From an ask to the call that carried it.
    package struct Waited: Equatable, Sendable {
      package let from_ms: Int
      package let to_ms: Int

      package init(from_ms: Int, to_ms: Int) {
        self.from_ms = from_ms
        self.to_ms = to_ms
      }
    }

    package init(
      account: String, kind: String, name: String, isSecret: Bool, calls: Int, slot_ms: Int
    ) {
      self.account = account
      self.kind = kind
      self.name = name
      self.isSecret = isSecret
      self.calls = calls
      self.slot_ms = slot_ms
    }
  }

  /// Asks that were delivered in one coarse step of the window and had waited for about as long.
  package struct Wait: Equatable, Sendable {
    package let place: Int
    /// Rounded up to two digits.
    package let waited_ms: Int
    package let asks: Int

    package init(place: Int, waited_ms: Int, asks: Int) {
      self.place = place
      self.waited_ms = waited_ms
      self.asks = asks
    }
  }

  /// Calls for previews that carried as many tokens for as many users.
  package struct Load: Equatable, Sendable {
    package let tokens: Int
    /// Nil for everyone.
    package let users: Int?
    package let calls: Int

    package init(tokens: Int, users: Int?, calls: Int) {
      self.tokens = tokens
      self.users = users
      self.calls = calls
    }
  }

  /// What is dead, or was refused, for one reason.
  package struct Reason: Equatable, Sendable {
    package let account: String
    package let code: Int?
    package let http: Int?
    package let message: String
    /// How many lanes are dead, or how many calls were refused.
    package let count: Int
    /// Some of the lanes.
    package let lanes: [String]
    package let areSecret: Bool
    package let end: CallEnd?
    package let logID: String?

    package init(
      account: String, code: Int?, http: Int? = nil, message: String, count: Int,
      lanes: [String] = [], areSecret: Bool = true, end: CallEnd? = nil, logID: String? = nil
    ) {
      self.account = account
      self.code = code
      self.http = http
      self.message = message
      self.count = count
      self.lanes = lanes
      self.areSecret = areSecret
      self.end = end
      self.logID = logID
    }
  }

  package struct SlowCall: Equatable, Sendable {
    package let account: String
    package let api: String
    package let began_ms: Int
    package let took_ms: Int
    package let lanes: Int
    package let outcome: String
    package let logID: String?

    package init(
      account: String, api: String, began_ms: Int, took_ms: Int, lanes: Int, outcome: String,
      logID: String?
    ) {
      self.account = account
      self.api = api
      self.began_ms = began_ms
      self.took_ms = took_ms
      self.lanes = lanes
      self.outcome = outcome
      self.logID = logID
    }
  }

  package struct Key: Equatable, Sendable {
    package let account: String
    package let name: String
    package let asks: Int
    package let previews: Int

    package init(account: String, name: String, asks: Int, previews: Int) {
      self.account = account
      self.name = name
      self.asks = asks
      self.previews = previews
    }
  }
}
