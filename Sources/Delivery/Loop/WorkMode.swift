import Planning

/// How long to work.
package struct WorkMode: Equatable, Sendable {
  package enum Goal: Equatable, Sendable {
    /// Everything that is due at the start.
    case once
    /// Everything, however late it becomes due.
    case untilEmpty
    /// For ever.
    case stay
  }

  package var goal: Goal
  /// Start no call after this long.
  package var limit: Span?

  package init(goal: Goal, limit: Span? = nil) {
    self.goal = goal
    self.limit = limit
  }

  package var hasEnd: Bool { goal != .stay || limit != nil }
}

/// How a run ended.
package struct WorkResult: Sendable {
  package var asksDied = 0
  package var parked: [(account: String, trouble: Trouble, why: String)] = []
  /// The last that was heard of the host is that it cannot be reached.
  package var unreachable: String?
  /// Why lanes that should have gone were left.
  package var leftBehind: String?
  /// Why a secret cannot be read.
  package var missingSecret: String?
  /// A person's access token was refused, and stands in the way until it is replaced.
  package var refusedUserToken: (account: String, why: String)?
  /// Lanes of this account wait, but the configuration does not know it.
  package var unknownAccount: String?
  /// The queue was moved or removed during the run.
  package var isQueueGone = false
  /// And what was only in its log has not gone with it.
  package var isLogLost = false
  package var progress = WorkProgress()
}
