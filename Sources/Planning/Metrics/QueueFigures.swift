/// What monitoring wants to know about a queue.
package struct QueueFigures: Hashable, Sendable {
  /// What a number belongs to. Lanes and users are never named: there may be millions of them.
  package struct Owner: Hashable, Sendable {
    /// Nil for the sum over all accounts.
    package var account: String?
    /// The name of a kind or of an API.
    package let api: String

    package init(account: String?, api: String) {
      self.account = account
      self.api = api
    }
  }

  package enum LaneState: String, CaseIterable, Sendable {
    case ready, waiting, paused, parked
    case inFlight = "in_flight"
  }

  package struct Account: Hashable, Sendable {
    package let name: String
    /// What a person has to fix.
    package let trouble: Trouble?
    package let monthCalls: Int
    /// Nil if the configuration sets none.
    package let quota: Int?
    /// Of a store app, as far as the worker knows.
    package let ticketWritten: WallMoment?

    package init(
      name: String, trouble: Trouble?, monthCalls: Int, quota: Int?,
      ticketWritten: WallMoment? = nil
    ) {
      self.name = name
      self.trouble = trouble
      self.monthCalls = monthCalls
      self.quota = quota
      self.ticketWritten = ticketWritten
    }
  }

  package var accounts: [Account] = []
  /// Everything that was ever asked for or called, also if there are no lanes now.
  package var used: Set<Owner> = []
  package var lanes: [Owner: [LaneState: Int]] = [:]
  /// By outcome, as for calls.
  package var asks: [Owner: [String: Int]] = [:]
  package var calls: [Owner: [String: Int]] = [:]
  /// How often a preview was refreshed.
  package var refreshes = 0
  package var staleness = Staleness()
  package var deadLanes = 0
  /// Since when the lane has been due that has been due longest. Nil if none is due.
  package var oldestDue: WallMoment?
  /// When a worker last looked at the queue. Nil if none ever did.
  package var workerSeen: WallMoment?

  package init() {}
}

extension QueueFigures {
  /// With more accounts than this, only sums are shown. Monitoring keeps a history of every number.
  package static let accountsMost = 200

  package var hasTooManyAccounts: Bool {
    let named = used.compactMap(\.account) + accounts.map(\.name)
    return Set(named).count > Self.accountsMost
  }

  /// The sums over all accounts.
  package var withoutAccounts: QueueFigures {
    var all = self
    all.used = Set(used.map { Owner(account: nil, api: $0.api) })
    all.lanes = Self.sums(lanes)
    all.asks = Self.sums(asks)
    all.calls = Self.sums(calls)
    return all
  }

  private static func sums<Key: Hashable>(
    _ counts: [Owner: [Key: Int]]
  ) -> [Owner: [Key: Int]] {
    var sums: [Owner: [Key: Int]] = [:]
    for (owner, counts) in counts {
      sums[Owner(account: nil, api: owner.api), default: [:]].merge(counts, uniquingKeysWith: +)
    }
    return sums
  }
}
