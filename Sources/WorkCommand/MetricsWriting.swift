import Planning
import QueueAccess
import Terminal

/// Writes the metrics during a run. A file that cannot be written is reported once, and the worker
/// goes on.
final class MetricsWriting {
  private let file: MetricsFile
  private let narrator: Narrator
  private var isTold = false

  init(_ path: String, _ narrator: Narrator) {
    file = MetricsFile(path)
    self.narrator = narrator
  }

  func write(_ figures: QueueFigures) {
    guard let why = file.write(figures) else {
      isTold = false
      return
    }
    if isTold { return }
    isTold = true
    narrator.clearProgress()
    Output.sentence(
      "cannot write metrics file \(printable(file.path)): \(why); the worker goes on and tries again"
    )
  }
}
