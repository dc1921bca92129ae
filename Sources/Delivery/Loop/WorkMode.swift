import Larkspur
import Planning

/// How long to work.
package struct WorkMode: Equatable, Sendable {
  package enum Goal: Equatable, Sendable {
    /// Everything that is due at the start.
    case once
    /// Everything, however late it becomes due.
    case untilEmpty
    /// Everything, until the worker is stopped.
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
  package var ending = RunEnding.ended
  package var asksDied = 0
  package var parked: [(account: String, trouble: Trouble, isTenant: Bool, why: String)] = []
  /// Which host could not be reached, and why; nil after a later call that may have got through.
  package var unreachable: String?
  /// Why lanes that this run should have sent were left.
  package var leftBehind: String?
  /// Why a secret cannot be read.
  package var missingSecret: String?
  /// A user access token was refused and has not been replaced.
  package var refusedUserToken: (account: String, why: String)?
  /// This account has waiting lanes but is not configured.
  package var unknownAccount: String?
  /// The queue was moved or removed during the run.
  package var isQueueGone = false
  /// Commits that are only in its log were left behind when it was moved.
  package var isLogLost = false
  package var progress = WorkProgress()
}
