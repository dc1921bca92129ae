import Planning

/// What the queue holds about one lane, for somebody who asks about it.
package struct LaneFacts: Sendable {
  package let account: String
  package let kind: Kind
  package let name: String
  /// Nil if its asks are not in a lane yet.
  package var id: Int?
  /// Nil if it waits for nothing: it is idle, or none of its asks is in a lane yet.
  package var standing: LaneStanding?
  /// The users it still has to reach. Nil for everyone, and for kinds that name no users.
  package var people: Int?
  package var isForEveryone = false
  package var isUrgent = false
  package var attempts = 0
  package var error: String?
  /// Its open asks.
  package var asks = OpenAsks()
  /// The first of the keys and URLs whose asks wait for it.
  package var keys: [String] = []
  /// Those that may not go yet, because they were asked for with a delay, and when the first may.
  package var delayed = OpenAsks()
  package var delayedUntil: Moment?
  package var lastCall: CallFacts?
  /// How its asks ended that were not delivered: the latest of them.
  package var ending: AskEnding?
  /// Why its calls are paused or its account is parked, as far as an answer of Feishu said so.
  package var trouble = AccountTrouble()

  package struct AccountTrouble: Sendable {
    package var paused: String?
    package var parked: String?
  }

  package struct OpenAsks: Sendable {
    package var count = 0
    /// The first of them.
    package var ids: [Int] = []
    package var oldest: Moment?

    mutating func add(_ id: Int, asked: Moment) {
      count += 1
      if ids.count < 10 { ids.append(id) }
      oldest = min(oldest ?? asked, asked)
    }
  }

  package struct AskEnding: Sendable {
    package let ask: Int
    package let outcome: String
    package let reason: String?
    package let at: Moment
    /// How many asks of the lane are dead.
    package let dead: Int
  }
}

/// What is recorded of one call.
package struct CallFacts: Sendable {
  package let id: Int
  package let started: Moment
  package let ended: Moment?
  package let outcome: String?
  package let httpStatus: Int?
  package let code: Int?
  package let message: String?
  package let logID: String?
}
