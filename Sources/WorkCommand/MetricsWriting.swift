import Planning
import QueueAccess
import Terminal

/// Writes the metrics during a run. A file that cannot be written is reported once, and the worker
/// goes on.
final class MetricsWriting {
  private let file: MetricsFile
  private let narrator: Narrator
  private var isTold = false
  /// What the person who chose the path should know. Said once, when the file is there.
  private var warning: String?

  init(_ path: String, _ narrator: Narrator, isQuiet: Bool) {
    file = MetricsFile(path)
    self.narrator = narrator
    warning = isQuiet ? nil : file.warning
  }

  func write(_ figures: QueueFigures) {
    guard let why = file.write(figures) else {
      isTold = false
      if let warning { say(printable(warning)) }
      warning = nil
      return
    }
    if isTold { return }
    isTold = true
    say(
      "cannot write metrics file \(printable(file.path)): \(why); the worker goes on and tries again"
    )
  }

  private func say(_ sentence: String) {
    narrator.clearProgress()
    Output.sentence(sentence)
  }
}
