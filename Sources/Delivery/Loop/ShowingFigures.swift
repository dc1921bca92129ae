import Larkspur
import Planning

/// When to show the figures of the queue to a monitoring system.
struct FigurePace {
  private var last: Moment?

  private static let pause: Span = .seconds(15)
  /// Reading the figures of a million lanes takes about a tenth of a second, in which no call leaves.
  private static let gap: Span = 100

  /// `span` is the time until the worker has something to do. On a busy queue, figures wait for a gap
  /// between two calls, but not forever.
  mutating func isDue(at now: Moment, quietFor span: @autoclosure () -> Span) -> Bool {
    if let last {
      let age = now - last
      if age < Self.pause || (age < 2 * Self.pause && span() < Self.gap) { return false }
    }
    last = now
    return true
  }
}

extension Worker {
  /// Never wakes the worker: one that is idle shows its figures when it looks at the queue anyway,
  /// once a minute.
  func showFigures() {
    guard onFigures != nil else { return }
    let now = now()
    if figurePace.isDue(at: now, quietFor: waitSpan(at: now)) { showFiguresNow() }
  }

  /// Figures that cannot be read are left out this time, and so are those of a queue that was moved.
  /// Deliveries do not depend on them.
  func showFiguresNow() {
    guard let onFigures, store.isInPlace, store.hasItsFiles,
      let figures = try? store.figures(at: world.clocks().wall)
    else { return }
    onFigures(figures)
  }
}
