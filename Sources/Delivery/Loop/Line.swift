import Larkspur
import Planning

/// What stands between a gate's lanes and their calls, in memory: its budget, its pauses, its quota.
/// The part that must outlive the run is in `record`.
package struct Line: Sendable {
  package let gate: Gate
  package var budget: Budget
  package var roundTrips = RoundTrips()
  package var record: BudgetRecord
  /// What is on disk of it: most calls change nothing, and what has not changed is not written.
  package var recordOnDisk: BudgetRecord
  /// When the first of the lanes became due or will; nil when none waits.
  package var nextReady: Moment?
  package var flights = 0
  /// After a pause, one call at a time shows whether it is over.
  package private(set) var isOnProbation = false
  /// What went wrong with the last call, as long as none has gone right since.
  package var trouble: String?
  /// Why there is no person's access token to send with.
  package var missingUserToken: String?
  /// When to look whether one that is missing or was refused has been replaced; nil when it is good.
  package var nextTokenLook: Moment?
  /// The host has failed several times in a row, whatever it was sent.
  package var isHostFailing: Bool { failures >= Self.patience }
  /// Failures in a row that may still be a call's own fault.
  static let patience = 3
  /// Calls in a row that failed whatever they carried, or were one too many.
  private var failures = 0
  /// Calls that had started before this failure belong to it: five refused at once are one failure.
  private var lastFailure: Moment = .min
  /// When the clock last showed another month.
  var monthTurned: Moment = .min

  package init(gate: Gate, limits: [Budget.Limit], record: BudgetRecord, recent: [Moment]) {
    self.gate = gate
    budget = Budget(limits)
    self.record = record
    recordOnDisk = record
    for moment in recent { budget.remember(moment) }
  }

  /// The earliest moment at which a call may be written down: `lead` before its budget lets it leave, but
  /// not before a pause is over, in which a person may still change something.
  package func opens(at now: Moment, ahead lead: Span) -> Moment {
    max(now, record.pausedUntil, leaves(at: now) - lead)
  }

  /// The earliest moment at which the budget lets a call leave.
  package func leaves(at now: Moment) -> Moment {
    if case .notUntil(let moment) = budget.ask(at: now) { moment } else { now }
  }

  /// Something got through.
  package mutating func succeeded() {
    failures = 0
    trouble = nil
    isOnProbation = false
  }

  /// Rate-limited: all of this API stands still, for as long as the server asks.
  package mutating func limited(
    wait: Span?, why: String, started: Moment, at now: Moment, dice: UInt64
  ) {
    noteFailure(started: started, at: now)
    let span = wait ?? .seconds(1) + Backoff.limit.wait(afterFailures: failures, dice: dice)
    pause(until: now + span, why: why)
  }

  /// The host did not do its part. Once may be this call's fault; several in a row are not, and then
  /// one call after a while shows as well as many whether it has come back.
  package mutating func failed(
    why: String, started: Moment, at now: Moment, dice: UInt64, patience: Int
  ) {
    noteFailure(started: started, at: now)
    guard failures > patience else { return }
    let wait = Backoff.host.wait(afterFailures: failures - patience, dice: dice)
    pause(until: now + .seconds(1) + wait, why: why)
  }

  private mutating func noteFailure(started: Moment, at now: Moment) {
    if started < lastFailure { return }
    failures += 1
    lastFailure = now
  }

  package mutating func pause(until moment: Moment, why: String) {
    isOnProbation = true
    guard moment > record.pausedUntil else { return }
    record.pausedUntil = moment
    record.pausedWhy = why
  }

  /// What stood in the way is out of it.
  package mutating func endPause() {
    record.pausedUntil = 0
    record.pausedWhy = nil
    record.refusedMark = nil
    missingUserToken = nil
    nextTokenLook = nil
  }
}
