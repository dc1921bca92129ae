import Larkspur
import Planning

/// Deletes what is old, once an hour, one slice per turn.
struct Upkeep {
  private enum Stage {
    case history(PruneCursor)
    case audiences(UnusedAudiences)
  }

  private var stage: Stage?
  private var slice = Slice()
  private(set) var next: Moment = .zero

  /// How long ended asks, calls and idle lanes are kept.
  static let keep: Span = .days(7)
  private static let pause: Span = .hours(1)

  init() {}

  static let never = Upkeep(next: .max)

  private init(next: Moment) { self.next = next }

  /// Continues from the last run.
  init(lastDone: Moment) { next = lastDone + Self.pause }

  /// Whether a pass is under way and continues in the next turn.
  var isBusy: Bool { stage != nil }

  var isLookingForUnused: Bool { if case .audiences = stage { true } else { false } }

  /// Does one slice, if it is time. The caller reports how long it took with `note`.
  mutating func step(_ store: WorkerStore, at now: Moment) throws(StoreError) {
    guard isBusy || now >= next else { return }
    let horizon = now - Self.keep
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
      next = now + Self.pause
    }
  }

  mutating func note(took span: Span) {
    if isBusy { slice.note(took: span) }
  }
}
