import Larkspur
import Planning

/// When to bring the totals up to date: at the start, since the last run may have been killed, and
/// 15 s after something may have ended. An idle worker is woken once more and then sleeps.
struct Counting {
  /// Nil if nothing can have ended since the last time.
  private(set) var next: Moment?
  private var slice = Slice()
  /// Whether there is more to count in the next turn.
  private(set) var isBusy = false
  private let isWanted: Bool
  /// Something may have ended in this turn. It has not been counted then.
  private var isActive = false

  private static let pause: Span = .seconds(15)

  /// A run on a copy of the queue counts nothing.
  init(isWanted: Bool = true) {
    self.isWanted = isWanted
    next = isWanted ? .zero : nil
  }

  mutating func noteActivity(at now: Moment) {
    isActive = isWanted
    if isWanted, next == nil { next = now + Self.pause }
  }

  /// Does one slice at the end of a turn, if it is time. The caller reports how long it took with
  /// `note`.
  mutating func step(_ store: WorkerStore, at now: Moment) throws(StoreError) {
    defer { isActive = false }
    guard let next, next <= now else { return }
    isBusy = try !store.addToTotals(endedBefore: now, rows: slice.rows)
    if !isBusy { self.next = isActive ? now + Self.pause : nil }
  }

  mutating func note(took span: Span) {
    if isBusy { slice.note(took: span) }
  }
}

extension Worker {
  /// What this run has ended is in the totals when it is over. After a long backlog the rest is left
  /// to the next run, because somebody may be waiting for the end.
  func countAtTheEnd() throws(StoreError) {
    guard keepsHouse else { return }
    for _ in 0..<Self.slicesAtTheEnd {
      let isDone = try store.transaction { () throws(StoreError) in
        // No turn follows that could end something in this millisecond.
        try store.addToTotals(endedBefore: now() + 1, rows: Self.rowsAtTheEnd)
      }
      if isDone { return }
    }
  }

  private static let slicesAtTheEnd = 50
  private static let rowsAtTheEnd = 2_000
}
