import Planning
import Terminal

/// One line of the log, without the line break. It is safe to show on a terminal.
enum LogLine {
  /// How a line for people begins.
  enum Style: Equatable {
    /// The answer of a command: `larkspur: `.
    case plain
    /// A line of a log: time and level.
    case timed
    /// The journal has the time already, and takes the level from a number.
    case journal
  }

  static func text(_ event: LogEvent, _ style: Style, at now: WallMoment) -> String {
    let sentence = printable(event.sentence)
    switch style {
    case .plain: return "larkspur: \(sentence)"
    case .timed:
      let level = event.level.rawValue
      let gap = String(repeating: " ", count: 8 - level.count)
      return "\(describeMoment(wall_ms: now.ms)) \(level)\(gap)\(sentence)"
    case .journal: return "<\(event.level.priority)>\(sentence)"
    }
  }

  static func json(_ event: LogEvent, at now: WallMoment) -> String {
    let head: [LogEvent.Field] = [
      ("time", .text(describeUTC(wall_ms: now.ms))), ("level", .text(event.level.rawValue)),
      ("event", .text(event.name.rawValue)),
    ]
    return JSONObject(head + event.fields + [("message", .text(event.sentence))]).text
  }
}
