import Picture
import Terminal

/// What the user sees while the demo runs, as lines of a given width: the story, and below it what
/// `larkspur top` shows. It is computed from the figures each time and knows nothing about the
/// terminal.
struct DemoPicture {
  private static let callsMost = 4

  /// The latest sentences of the story, newest last.
  let told: [String]
  let figures: DemoFigures
  let tickets: Int

  /// At most `rows` lines, none wider than `columns`. The most important come first, because the
  /// rest is cut off.
  func lines(columns: Int, rows: Int) -> [ScreenLine] {
    let story = Self.story(told)
    let live = LivePicture(figures.live, zone: nil)
    let state =
      ScreenText.flow("time", time, columns) + [bar(columns)]
      + ScreenText.flow("asks", asks, columns) + live.lanes(columns)
      + ScreenText.flow("calls", calls, columns) + live.channels(columns)
    let calls = live.calls(atMost: Self.callsMost)
    let airy = story + [[]] + state + [[]] + calls
    let lines = airy.count <= rows ? airy : story.suffix(1) + state + calls
    return lines.prefix(max(0, rows)).map { ScreenText.cut($0, to: columns) }
  }

  static func story(_ told: [String]) -> [ScreenLine] {
    told.enumerated().map { place, sentence in
      [ScreenSpan(sentence, place + 1 == told.count ? .strong : .faint)]
    }
  }

  private var time: [ScreenSpan] {
    [ScreenSpan(Story.clock(at_ms: figures.at_ms)), ScreenSpan("1 s = 1 min")]
  }

  private func bar(_ columns: Int) -> ScreenLine {
    let done = min(figures.ticketsUpToDate, tickets)
    let label = ScreenText.label("tickets")
    let tail = " \(done) of \(tickets) up to date"
    let bar = ScreenText.bar(
      done, of: tickets, width: min(40, columns - label.count - tail.count - 2))
    // Where the bar does not fit, the numbers still do.
    if bar.isEmpty { return [ScreenSpan(label), ScreenSpan(String(tail.dropFirst()))] }
    return [ScreenSpan(label)] + bar + [ScreenSpan(tail)]
  }

  private var asks: [ScreenSpan] {
    [
      ScreenSpan("\(grouped(figures.asks)) made"),
      ScreenSpan("\(grouped(figures.asksDelivered)) delivered"),
    ] + (figures.asksDead > 0 ? [ScreenSpan("\(grouped(figures.asksDead)) dead", .bad)] : [])
  }

  private var calls: [ScreenSpan] {
    [
      ScreenSpan("\(grouped(figures.calls)) made"),
      ScreenSpan(counted(figures.refusals, "refusal"), figures.refusals > 0 ? .bad : .plain),
    ]
  }
}
