import Larkspur
import Planning

/// How long ended asks, calls and idle lanes are kept, and how often those that are older are deleted.
package struct Retention: Sendable {
  let keep: Span
  let pause: Span

  init(keep: Span = .days(7), pause: Span = .hours(1)) {
    self.keep = keep
    self.pause = pause
  }

  /// Of a local queue in memory: budgets and slots need some minutes. The history is in the shared queue.
  package static let brief = Retention(keep: .minutes(10), pause: .minutes(2))
}

/// Deletes what is old, once an hour, one slice per turn.
struct Upkeep {
  private enum Stage {
    case history(PruneCursor)
    case audiences(UnusedAudiences)
  }

  private var stage: Stage?
  private var slice = Slice()
  private(set) var next: Moment = .zero

  private let retention: Retention

  init() { self.init(next: .zero) }

  static let never = Upkeep(next: .max)

  private init(next: Moment, _ retention: Retention = Retention()) {
    self.next = next
    self.retention = retention
  }

  /// Continues from the last run.
  init(lastDone: Moment, _ retention: Retention) {
    self.init(next: lastDone + retention.pause, retention)
  }

  /// Whether a pass is under way and continues in the next turn.
  var isBusy: Bool { stage != nil }

  var isLookingForUnused: Bool { if case .audiences = stage { true } else { false } }

  /// Does one slice, if it is time. The caller reports how long it took with `note`.
  mutating func step(_ store: WorkerStore, at now: Moment) throws(StoreError) {
    guard isBusy || now >= next else { return }
    let horizon = now - retention.keep
    switch stage ?? .history(PruneCursor()) {
    case .history(var cursor):
      let isDone = try store.prune(endedBefore: horizon, rows: slice.rows, &cursor)
      stage = isDone ? .audiences(UnusedAudiences()) : .history(cursor)
    case .audiences(var search):
      let isDone = try store.forgetUnusedAudiences(since: horizon, rows: slice.rows, &search)
      stage = isDone ? nil : .audiences(search)
      guard isDone else { return }
      try store.forgetRefusedPeople(at: now)
      try store.notePruned(at: now)
      next = now + retention.pause
    }
  }

  mutating func note(took span: Span) {
    if isBusy { slice.note(took: span) }
  }
}
