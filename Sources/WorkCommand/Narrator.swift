import Delivery
import Planning
import Terminal

/// Reports on standard error how the work goes: a progress line for a person who waits, a line for
/// each call if they are wanted, and problems always.
final class Narrator {
  private let form: Form
  private let isQuiet: Bool
  private let clock: () -> WallMoment
  private var progress: () -> WorkProgress = { WorkProgress() }
  private var began = WallMoment.zero
  private let line: ProgressLine
  /// Whether a parked account has been reported, so that the end of the run does not repeat it.
  private(set) var hasToldParking = false

  enum Form: Equatable {
    case progress
    case lines
    case json
    /// Only problems: nobody is watching, and cron mails everything that is printed.
    case problems
  }

  init(form: Form, isQuiet: Bool, clock: @escaping () -> WallMoment) {
    self.form = form
    self.isQuiet = isQuiet
    self.clock = clock
    line = ProgressLine(isShown: form == .progress, apart_ms: 200)
    began = clock()
  }

  func follow(_ progress: @escaping () -> WorkProgress) { self.progress = progress }

  /// Chooses the form from the arguments and from who reads it.
  static func form(of arguments: WorkArguments, onTerminal: Bool) -> Form {
    switch arguments.log {
    case .text: return .lines
    case .json: return .json
    case nil: break
    }
    if arguments.isQuiet { return .problems }
    if onTerminal { return arguments.mode.goal == .stay ? .lines : .progress }
    return arguments.mode.hasEnd ? .problems : .lines
  }

  func tell(_ event: WorkEvent) {
    if case .parked = event { hasToldParking = true }
    if form == .json {
      Output.raw(printableJSON(EventText.json(event, at_ms: clock().ms)) + "\n")
    } else if case .called(let call) = event {
      if form == .lines { Output.raw(printable(EventText.line(call)) + "\n") }
    } else if let sentence = EventText.sentence(event), !isQuiet || EventText.isProblem(event) {
      if form != .problems || EventText.isProblem(event) { say(sentence) }
    }
    showProgress()
  }

  /// Prints a summary for a person who has watched.
  func sumUp(_ progress: WorkProgress) {
    clearProgress()
    guard form == .progress, progress.calls > 0 else { return }
    Output.sentence(EventText.summary(progress, elapsed_ms: clock() - began))
  }

  private func say(_ sentence: String) {
    clearProgress()
    Output.sentence(sentence)
  }

  /// Whether somebody watches the progress line, so that it has to move.
  var isWatched: Bool { form == .progress }

  func showProgress() {
    let now = clock()
    line.show(at: now.ms) { EventText.progress(progress(), elapsed_ms: now - began) }
  }

  func clearProgress() { line.clear() }
}
