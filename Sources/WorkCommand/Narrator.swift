import Delivery
import Larkspur
import Planning
import Terminal

/// Reports on standard error how the work goes: a log, a line that shows a person how things stand,
/// and problems always.
package final class Narrator {
  private let speech: Speech
  private let clock: () -> WallMoment
  private var progress: () -> WorkProgress = { WorkProgress() }
  private var began = WallMoment.zero
  /// How long the run lasts; nil if nothing ends it. Its progress says so only once it goes on.
  private var limit: Span?
  private let line: ProgressLine
  private var hasStarted = false
  private var isOver = false
  private var isQueueUsable = true
  private var asksDied = 0
  /// Problems that are kept for the object at the end of a run.
  private var kept: [String] = []
  private var keptMore = 0
  /// The answers that have parked accounts during this run. The end of the run does not repeat what
  /// was told.
  private(set) var parkedBy: [String: AnswerFacts] = [:]

  package init(_ speech: Speech, clock: @escaping () -> WallMoment) {
    self.speech = speech
    self.clock = clock
    line = ProgressLine(isShown: speech.isWatched, apart_ms: 200)
    began = clock()
  }

  func follow(_ progress: @escaping () -> WorkProgress) { self.progress = progress }

  /// The worker is about to go. Its last figures stay.
  func stopFollowing() {
    let last = progress()
    progress = { last }
    isOver = true
    clearProgress()
  }

  package func started(_ run: RunStart) {
    hasStarted = true
    limit = run.mode.limit
    write(.started(run))
  }

  package func tell(_ event: WorkEvent) {
    switch event {
    case .parked(let account, _, _, _, _, let answer): parkedBy[account] = answer
    case .died: asksDied += 1
    case .storeFailed: isQueueUsable = false
    case .storeRecovered: isQueueUsable = true
    default: break
    }
    let event = LogEvent.happened(event)
    if speech.form == .object && event.level == .error { keep(event.sentence) }
    write(event)
  }

  func tell(_ rival: Rival) { write(.alreadyRunning(rival)) }

  /// Reports why the run fails, unless the log has said so already.
  package func fail(_ failure: Failure, isTold: Bool = false) {
    clearProgress()
    var failure = failure
    failure.details += kept + (keptMore > 0 ? ["… and \(counted(keptMore, "more problem"))"] : [])
    if speech.form == .json {
      write(.failed(failure))
    } else if speech.wantsJSON {
      Output.failure(failure)
    } else if !isTold {
      write(.failed(failure))
    }
  }

  /// The end of a run that has started.
  package func stopped(_ ending: RunEnd.Ending, _ code: ExitCode) {
    guard hasStarted else { return }
    let end = RunEnd(
      ending: ending, code: code, progress: progress(), asksDied: asksDied,
      ran_ms: max(0, clock() - began))
    clearProgress()
    write(.stopped(end))
  }

  private func keep(_ problem: String) {
    if kept.count < Self.keptMost { kept.append(problem) } else { keptMore += 1 }
  }

  private static let keptMost = 10

  private func write(_ event: LogEvent) {
    if let text = speech.text(event, hasStarted: hasStarted, at: clock()) {
      clearProgress()
      Output.raw(text + "\n")
    }
    showProgress()
  }

  /// Prints a summary for a person who has watched.
  func sumUp(_ progress: WorkProgress) {
    clearProgress()
    guard speech.form == .progress, progress.calls > 0 else { return }
    Output.sentence(RunText.summary(progress, elapsed_ms: clock() - began))
  }

  /// Whether somebody watches the progress line, so that it has to move.
  var isWatched: Bool { speech.isWatched }

  func showProgress() {
    guard hasStarted, !isOver else { return }
    let now = clock()
    line.show(at: now.ms) {
      speech.form == .progress
        ? RunText.progress(progress(), elapsed_ms: now - began)
        : RunText.standing(progress(), limit: limit, isQueueUsable: isQueueUsable, at: now)
    }
  }

  func clearProgress() { line.clear() }
}
