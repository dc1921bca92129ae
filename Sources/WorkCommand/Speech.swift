import Planning
import Terminal

/// What a run says on standard error, and how. It depends on the arguments and on who reads it.
package struct Speech: Equatable {
  enum Form: Equatable {
    /// A line that shows a person how far the run is.
    case progress
    /// A line for each call and each event.
    case lines
    /// The same as JSON.
    case json
    /// Only problems: nobody is watching, and cron mails everything that is printed.
    case problems
    /// Nothing but an object at the end if the run fails.
    case object
  }

  let form: Form
  private let style: LogLine.Style
  private let isQuiet: Bool
  private let onTerminal: Bool
  /// Whether an error is an object, as for every command.
  let wantsJSON: Bool
  /// Whether a person watches a line that is replaced.
  let isWatched: Bool

  package init(of arguments: WorkArguments, onTerminal: Bool, inJournal: Bool) {
    let form = Self.form(of: arguments, onTerminal: onTerminal)
    self.form = form
    isQuiet = arguments.isQuiet
    wantsJSON = arguments.wantsJSON
    self.onTerminal = onTerminal
    let stays = arguments.mode.goal == .stay
    isWatched = form == .progress || (form == .lines && onTerminal && stays && !arguments.isQuiet)
    // What cron mails, and what a person at a terminal reads while it runs, is no log.
    let isLog = form == .lines || (form == .problems && !arguments.mode.hasEnd)
    style = inJournal ? .journal : isLog ? .timed : .plain
  }

  static func form(of arguments: WorkArguments, onTerminal: Bool) -> Form {
    switch arguments.log {
    case .text: return .lines
    case .json: return .json
    case nil: break
    }
    if arguments.wantsJSON && arguments.mode.hasEnd && !onTerminal { return .object }
    if arguments.isQuiet { return .problems }
    if onTerminal { return arguments.mode.goal == .stay ? .lines : .progress }
    return arguments.mode.hasEnd ? .problems : .lines
  }

  /// The event as one line; nil if it is not said.
  func text(_ event: LogEvent, hasStarted: Bool, at now: WallMoment) -> String? {
    if form == .json { return LogLine.json(event, at: now) }
    guard says(event) else { return nil }
    // Before a log has begun, an error on a terminal answers the person who typed the command.
    let isAnswer = onTerminal && !hasStarted
    return LogLine.text(event, isAnswer ? .plain : style, at: now)
  }

  private func says(_ event: LogEvent) -> Bool {
    switch event {
    case .happened(.called): form == .lines
    case .started, .stopped: form == .lines && !isQuiet
    case .alreadyRunning: event.level == .error || !isQuiet
    case .failed: true
    case .happened where form == .object: false
    case .happened: event.level == .error || (!isQuiet && form != .problems)
    }
  }
}
