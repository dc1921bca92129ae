import Larkspur
import Planning

/// How far the run is, for a person who watches.
extension Worker {
  /// Counts the waiting lanes, outside a transaction and at most once a second: a million lanes
  /// take a while, others may write meanwhile, and each change that a person makes asks for a new
  /// count.
  func countLanes() throws(StoreError) {
    if state.areLanesCounted || (now() < nextCount && !isOver) { return }
    state.result.progress.lanesLeft = try store.waitingLanes() + lanesInFlight
    state.areLanesCounted = true
    nextCount = now() + .seconds(1)
  }

  /// The state of the run, for the progress line.
  package var progress: WorkProgress {
    var progress = state.result.progress
    progress.callsPerSecond = rate.perSecond(at: now())
    return progress
  }

  /// The same with what it waits for.
  package var progressAwaiting: WorkProgress {
    var progress = progress
    progress.awaited = awaited(at: now())
    return progress
  }

  /// The same with delayed asks. Counting them reads the queue, so it is done for a person who
  /// looks and not in every turn.
  package var progressWithDelayed: WorkProgress {
    var progress = progressAwaiting
    let now = now()
    progress.asksDelayed = (try? store.delayedAsks(at: now)) ?? 0
    if progress.asksDelayed > 0 {
      progress.nextDelayed = state.nextHeld.map { max(0, $0 - now) }
    }
    progress.left = limit.map { max(0, started + $0 - now) }
    return progress
  }

  private func awaited(at now: Moment) -> Awaited {
    if hasUnsettledCalls { return .answers(max(1, calls.keys.count)) }
    let held = state.nextHeld.map { max(0, $0 - now) }
    if waiting.isEmpty { return held.map { .moment(in: $0) } ?? .asks }
    let next = timers.first.map { max(0, $0 - now) }
    let isStuck = waiting.allSatisfy { accounts[$0].waitsForPerson }
    if isStuck && held == nil { return .person(nextTry: next) }
    return [next, held].compactMap { $0 }.min().map { .moment(in: $0) } ?? .person(nextTry: nil)
  }
}

extension AccountState {
  /// Whether nothing of it can go until somebody has fixed something.
  fileprivate var waitsForPerson: Bool { parked != nil || missing.app != nil || !isConfigured }
}
