import Larkspur
import Planning

/// The world of a loop that runs ahead: a clock that jumps to whatever is next, and a Feishu that
/// answers each call with success.
final class RehearsedWorld: World {
  private(set) var now: BootMoment
  private(set) var stopRequests = 0
  private let wallAhead: Span
  private let boot: String?
  /// Nothing is done after this moment.
  private let end: BootMoment
  /// Sorted by moment.
  private var events: [(at: BootMoment, event: WorldEvent)] = []
  private var dice: UInt64 = 0

  /// Called when a call leaves. Returns how long its answer takes.
  var onDeparture: (_ tag: Int, _ at: BootMoment) -> Span = { _, _ in 0 }
  /// When the loop has something to do next; nil if nothing is left to do.
  var nextNeed: () -> BootMoment? = { nil }

  init(_ reading: ClockReading, end: BootMoment) {
    now = reading.sinceBoot
    wallAhead = reading.wall.ms - reading.sinceBoot.ms
    boot = reading.boot
    self.end = end
  }

  func stop() { stopRequests = 1 }

  func clocks() -> ClockReading {
    ClockReading(wall: WallMoment(ms: now.ms + wallAhead), sinceBoot: now, boot: boot)
  }

  /// The same in each run, so that the same question has the same answer.
  func random() -> UInt64 {
    dice &+= 0x9E37_79B9_7F4A_7C15
    return dice
  }

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    let leaves = max(now, earliest)
    add(.sent(tag: tag, at: leaves), at: leaves)
    answer(tag, at: leaves + onDeparture(tag, leaves))
  }

  /// The answer to a call comes at `moment`.
  func answer(_ tag: Int, at moment: BootMoment) {
    let success = RawAnswer(
      status: 200,
      body: Array(#"{"code":0,"tenant_access_token":"rehearsed","expire":7200}"#.utf8))
    let at = max(now, moment)
    add(.finished(tag: tag, .answered(success), at: at), at: at)
  }

  private func add(_ event: WorldEvent, at moment: BootMoment) {
    let place = events.firstIndex { $0.at > moment } ?? events.count
    events.insert((moment, event), at: place)
  }

  func progress() {}

  func wait(milliseconds: Int) -> [WorldEvent] {
    var next = now + milliseconds
    if milliseconds >= Worker.longestNap {
      // The loop only wakes up in case it has missed a notice. Here there is none to miss.
      guard let need = nextNeed() ?? events.first?.at else {
        stop()
        return []
      }
      next = max(next, need)
    }
    now = max(now, min(next, events.first?.at ?? next))
    if now >= end { stop() }
    let due = events.prefix { $0.at <= now }
    events.removeFirst(due.count)
    return due.map(\.event)
  }

  func forgetWrites() {}
}
