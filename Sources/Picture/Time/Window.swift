import Planning

/// The stretch of time that a report shows, and the steps in which it counts.
package struct Window: Equatable, Sendable {
  /// Milliseconds since 1970; a multiple of `step_ms`.
  package let from_ms: Int
  package let to_ms: Int
  /// What a bar of calls stands for.
  package let step_ms: Int
  /// What a column of waiting times stands for. There are fewer of these, because each is wider.
  package let coarse_ms: Int
  /// What a row of the table of delays stands for: an hour, or more if there would be many.
  package let row_ms: Int

  private static let second = 1_000
  private static let minute = 60_000
  private static let hour = 3_600_000
  private static let day = 86_400_000

  /// Each divides the next, so the rows of a table are made of whole columns, and a column of whole bars.
  private static let steps = [
    second, 10 * second, minute, 5 * minute, 15 * minute, hour, 6 * hour, day, 10 * day, 100 * day,
    1_000 * day,
  ]

  static let barsMost = 360
  static let columnsMost = 100

  /// The last `since_ms` before `now_ms`. A history that begins later is shown from its beginning.
  package init(since_ms: Int, now_ms: Int, first_ms: Int?) {
    let asked = now_ms - since_ms
    let from = min(now_ms - 10 * Self.second, max(asked, first_ms ?? asked))
    let span = now_ms - from
    step_ms = Self.step(for: span, most: Self.barsMost)
    coarse_ms = max(step_ms, Self.step(for: span, most: Self.columnsMost))
    row_ms = max(coarse_ms, Self.hour)
    // What happens while the history is read belongs to the last bar.
    from_ms = floorDivide(from, step_ms) * step_ms
    to_ms = floorDivide(now_ms, step_ms) * step_ms + step_ms
  }

  private static func step(for span: Int, most: Int) -> Int {
    steps.first { span / $0 < most } ?? steps[steps.count - 1]
  }

  package var span_ms: Int { to_ms - from_ms }
  package var bars: Int { span_ms / step_ms }

  /// The number of the bar, column or row in which a moment lies. They begin at multiples of the step, which need
  /// not be the beginning of the window.
  package func place(_ ms: Int, step: Int) -> Int {
    floorDivide(ms, step) - floorDivide(from_ms, step)
  }

  package func start(ofPlace place: Int, step: Int) -> Int {
    (floorDivide(from_ms, step) + place) * step
  }

  package func places(step: Int) -> Int { place(to_ms - 1, step: step) + 1 }

  /// How far a moment is from the beginning, in parts of `width`, and within it.
  package func x(_ ms: Int, of width: Int) -> Int {
    let inside = min(max(ms, from_ms), to_ms) - from_ms
    return inside * width / span_ms
  }
}

extension Window {
  private static let tickSteps = [
    second, 5 * second, 10 * second, 30 * second, minute, 5 * minute, 10 * minute, 30 * minute,
    hour,
    3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 30 * day, 100 * day, 365 * day,
    3_650 * day,
  ]

  /// Up to six moments to write below a chart, at full minutes, hours or days of the local time.
  package func ticks(_ zone: LocalZone) -> [(ms: Int, text: String)] {
    let step =
      Self.tickSteps.first { span_ms / $0 <= 5 } ?? Self.tickSteps[Self.tickSteps.count - 1]
    var ticks: [(ms: Int, text: String)] = []
    var at = from_ms
    while ticks.count < 8 {
      // Local midnights, and not those of UTC.
      let shift = zone.part(at: at).offset_s * 1_000
      let next = (floorDivide(at + shift - 1, step) + 1) * step - shift
      if next >= to_ms { break }
      ticks.append((next, text(next, zone, step: step)))
      at = next + 1
    }
    return ticks
  }

  private func text(_ ms: Int, _ zone: LocalZone, step: Int) -> String {
    if step < Self.minute { return zone.second(ms) }
    return step < Self.day ? zone.minute(ms) : zone.date(ms)
  }
}

/// `second`, `5 minutes`, `hour`: what a bar stands for.
package func named(step_ms: Int) -> String {
  for (unit, name) in [
    (86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"),
  ]
  where step_ms >= unit {
    let count = step_ms / unit
    return count == 1 ? name : "\(count) \(name)s"
  }
  return "\(step_ms) ms"
}
