import Larkspur
import QueueAccess
import Terminal

/// Says that an ask or a sighting has created its queue: the worker may use another one. It is said once
/// something is stored, because what is refused is told as one sentence, or one object.
struct NewQueue {
  /// Nil if there was a queue already.
  private let path: String?

  init(_ place: QueuePlace) { path = QueueFile.exists(place.path) ? nil : place.path }

  func tell(_ global: GlobalOptions) {
    guard let path else { return }
    global.say("created queue \(printable(path)); no worker has looked at it yet")
  }
}
