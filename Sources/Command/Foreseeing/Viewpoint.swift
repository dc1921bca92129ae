import Larkspur
import Planning
import QueueAccess
import Terminal

/// What a command that looks ahead knows at one moment: the queue, its worker, and the clocks.
struct Viewpoint {
  let path: String
  let sight: WorkerSight
  let reading: ClockReading
  let clocks: Clocks

  init(_ inspector: borrowing Inspector) throws(Failure) {
    path = inspector.path
    sight = WorkerLock.sight(queue: inspector.path)
    let reading = SystemClocks.read(boot: SystemClocks.bootID())
    self.reading = reading
    clocks = try withSentences { () throws(QueueError) in try inspector.clocks(reading) }
  }

  /// Whether a worker runs, as far as can be seen.
  var isRunning: Bool { sight.owner != nil }

  var now: Moment { clocks.queue(reading.sinceBoot) }
}

/// Moments of the queue's clock as people and programs read them.
extension Viewpoint {
  /// Today without the date, with tenths of a second: `07:38:16.2`.
  func time(_ moment: Moment) -> String {
    let wall = clocks.wall(moment)
    let text = describeMoment(wall_ms: wall.ms)
    let today = describeMoment(wall_ms: clocks.wall(now).ms).prefix(10)
    let clock = "\(text.suffix(8)).\((wall.ms % 1_000 + 1_000) % 1_000 / 100)"
    return text.hasPrefix(today) ? clock : "\(text.prefix(10)) \(clock)"
  }

  /// `2026-11-29T07:38:16.200Z`
  func rfc3339(_ moment: Moment) -> String { describeUTC(wall_ms: clocks.wall(moment).ms) }

  /// `in 3.9 s`, or `now`.
  func wait(until moment: Moment) -> String {
    moment <= now ? "now" : "in \(describeDuration(moment - now))"
  }
}
