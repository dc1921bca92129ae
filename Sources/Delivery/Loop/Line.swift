import Larkspur
import Planning

/// What stands between a gate's lanes and their calls, in memory: its budget, its pauses, its quota.
/// The part that must outlive the run is in `record`.
package struct Line: Sendable {
  package let gate: Gate
  package var budget: Budget
  package var record: BudgetRecord
  /// What is on disk of it: most calls change nothing, and what has not changed is not written.
  package var recordOnDisk: BudgetRecord
  /// When the first of the lanes became due or will; nil when none waits.
  package var nextReady: Moment?
  package var flights = 0
  /// After a pause, one call at a time shows whether it is over.
  package var isOnProbation: Bool { hasPaused || record.health.probes != nil }
  private var hasPaused = false
  /// What went wrong with the last call, as long as none has gone right since.
  package var trouble: String?
  /// When to look whether a user access token that was refused has been replaced; nil when it is good.
  package var nextTokenLook: Moment?
  /// When the clock last showed another month.
  var monthTurned: Moment = .min

  package init(gate: Gate, limits: [Budget.Limit], record: BudgetRecord, recent: [PastCall]) {
    self.gate = gate
    budget = Budget(limits, refusedAt: record.limitedAt)
    self.record = record
    recordOnDisk = record
    hasPaused = record.spentMonth != nil
    for call in recent { budget.remember(call) }
  }

  /// The earliest moment at which a call may be written down: `lead` before its budget lets it leave, but
  /// not before a pause is over, in which a person may still change something. Nil while only an answer
  /// can tell.
  package func opens(at now: Moment, ahead lead: Span) -> Moment? {
    budget.opens(at: now).map { max(now, record.pausedUntil, $0 - lead) }
  }

  /// Something got through.
  package mutating func succeeded(at now: Moment) {
    record.health.succeeded(at: now)
    record.spentMonth = nil
    trouble = nil
    hasPaused = false
  }

  /// A call failed: the channel may have to be left alone for a while. `wait` is how long the server
  /// asks to, if it does.
  package mutating func failed(
    _ failing: Failing, wait: Span? = nil, why: String, started: Moment, at now: Moment,
    dice: UInt64
  ) {
    let own = record.health.failed(failing, started: started, at: now, dice: dice)
    if failing == .limit {
      budget.refused(at: now)
      record.limitedAt = now
    }
    trouble = record.health.isRefusing ? "everything is refused: \(why)" : why
    if let span = wait ?? own { pause(until: now + span, why: trouble ?? why) }
  }

  package mutating func pause(until moment: Moment, why: String) {
    hasPaused = true
    guard moment > record.pausedUntil else { return }
    record.pausedUntil = moment
    record.pausedWhy = why
  }

  /// What stood in the way is out of it.
  package mutating func endPause() {
    record.pausedUntil = 0
    record.pausedWhy = nil
    record.refusedMark = nil
    nextTokenLook = nil
  }
}
