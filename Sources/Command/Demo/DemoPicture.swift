import Planning
import Terminal

/// What the user sees while the demo runs, as lines of a given width. It is computed from the
/// figures each time and knows nothing about the terminal.
struct DemoPicture {
  enum Style { case plain, strong, faint, good, bad }

  /// Text in one style. A line is a list of spans.
  struct Span: Equatable {
    let text: String
    let style: Style

    init(_ text: String, _ style: Style = .plain) {
      self.text = text
      self.style = style
    }
  }

  /// The latest sentences of the story, newest last.
  let told: [String]
  let figures: DemoFigures
  let tickets: Int

  /// At most `rows` lines, none wider than `columns`. The most important come first, because the
  /// rest is cut off.
  func lines(columns: Int, rows: Int) -> [[Span]] {
    let story = Self.story(told)
    let state =
      flow("time", time, columns) + [bar(columns)] + flow("asks", asks, columns)
      + flow("lanes", lanes, columns) + flow("calls", calls, columns)
    let calls = figures.lastCalls.map { [Span(Self.text($0), .faint)] }
    let airy = story + [[]] + state + [[]] + calls
    let lines = airy.count <= rows ? airy : story.suffix(1) + state + calls
    return lines.prefix(max(0, rows)).map { Self.cut($0, to: columns) }
  }

  static func story(_ told: [String]) -> [[Span]] {
    told.enumerated().map { place, sentence in
      [Span(sentence, place + 1 == told.count ? .strong : .faint)]
    }
  }

  private var time: [Span] {
    [Span(Story.clock(at_ms: figures.at_ms)), Span("1 s = 1 min")]
  }

  private func bar(_ columns: Int) -> [Span] {
    let done = min(figures.ticketsUpToDate, tickets)
    let label = Self.label("tickets")
    let tail = " \(done) of \(tickets) up to date"
    let width = min(40, columns - label.count - tail.count - 2)
    // Where the bar does not fit, the numbers still do.
    if width < 4 { return [Span(label), Span(String(tail.dropFirst()))] }
    let filled = tickets == 0 ? 0 : width * done / tickets
    return [
      Span(label + "["), Span(String(repeating: "#", count: filled), .good),
      Span(String(repeating: ".", count: width - filled), .faint), Span("]" + tail),
    ]
  }

  private var asks: [Span] {
    [Span("\(grouped(figures.asks)) made"), Span("\(grouped(figures.asksDelivered)) delivered")]
      + (figures.asksDead > 0 ? [Span("\(grouped(figures.asksDead)) dead", .bad)] : [])
  }

  private var lanes: [Span] {
    [
      Span("\(grouped(figures.ticketsWaiting)) waiting"),
      Span("\(grouped(figures.ticketsInFlight)) in flight"),
    ]
  }

  private var calls: [Span] {
    [
      Span("\(grouped(figures.calls)) made"),
      Span("\(figures.callsLastSecond) in the last second (limit \(Preview.callsPerSecond))"),
      Span(counted(figures.refusals, "refusal"), figures.refusals > 0 ? .bad : .plain),
    ]
  }

  /// The parts, separated by commas, on as many lines as they need.
  private func flow(_ name: String, _ parts: [Span], _ columns: Int) -> [[Span]] {
    var lines = [[Span(Self.label(name))]]
    var used = Self.label(name).count
    for (index, part) in parts.enumerated() {
      let isFirst = lines[lines.count - 1].count == 1
      let comma = index + 1 < parts.count ? "," : ""
      let needed = part.text.count + comma.count + (isFirst ? 0 : 1)
      if !isFirst && used + needed > columns {
        lines.append([Span(Self.label(""))])
        used = Self.label("").count
      } else if !isFirst {
        lines[lines.count - 1].append(Span(" "))
      }
      lines[lines.count - 1] += [part, Span(comma)]
      used += needed
    }
    return lines
  }

  private static func label(_ name: String) -> String {
    name + String(repeating: " ", count: 9 - name.count)
  }

  static func text(_ call: DemoFigures.Call) -> String {
    let time = call.took_ms.map { " in \($0) ms" } ?? ""
    return "\(label("  #\(call.number)"))\(call.load), \(call.outcome)\(time)"
  }

  static func cut(_ spans: [Span], to columns: Int) -> [Span] {
    var room = max(0, columns)
    return spans.compactMap { span in
      let text = String(span.text.prefix(room))
      room -= text.count
      return text.isEmpty ? nil : Span(text, span.style)
    }
  }
}
