/// What one member sees of one message.
struct View: Equatable {
  let openID: String
  /// Nil until the first answer: the client shows the bare link.
  private(set) var shown: Preview?
  private(set) var drawn: Microseconds?
  private(set) var isFromCache = false
  private(set) var draws = 0
  /// How often the callback was sent for this member.
  private(set) var pulls = 0
  /// Why the last pull brought nothing.
  private(set) var trouble: String?
  private(set) var isQueued = false
  private(set) var inFlight = 0
  /// The number of the pull whose answer is shown.
  private var newest = 0

  init(openID: String) { self.openID = openID }

  /// Pulls that have not ended.
  var waiting: Int { inFlight + (isQueued ? 1 : 0) }

  /// Returns false if a pull is queued already. One that has not been sent will bring what is new
  /// now, so a second would ask the app for the same thing twice.
  mutating func queue() -> Bool {
    if isQueued { return false }
    isQueued = true
    return true
  }

  mutating func begin() {
    isQueued = false
    inFlight += 1
    pulls += 1
  }

  /// A queued pull that was never sent.
  mutating func giveUp(_ reason: String) {
    isQueued = false
    trouble = reason
  }

  /// An answer to an older pull than the one that is shown changes nothing: it may be older news.
  mutating func end(_ pull: Int, _ result: Result<Preview, Invalid>, at now: Microseconds) {
    inFlight -= 1
    if pull < newest { return }
    switch result {
    case .success(let preview):
      newest = pull
      isFromCache = false
      draw(preview, at: now)
    case .failure(let invalid):
      trouble = invalid.reason
    }
  }

  mutating func showFromCache(_ preview: Preview, at now: Microseconds) {
    isFromCache = true
    draw(preview, at: now)
  }

  private mutating func draw(_ preview: Preview, at now: Microseconds) {
    shown = preview
    drawn = now
    draws += 1
    trouble = nil
  }
}
