import Larkspur
import Planning
import QueueAccess
import Terminal

/// What a command that looks ahead knows at one moment: the queue, its worker, and the clocks.
struct Viewpoint {
  let work: Work
  let reading: ClockReading
  let clocks: Clocks
  /// The heartbeat of a worker that runs and does not respond.
  let silent: Heartbeat?

  /// Who works the queue.
  enum Work {
    case file(WorkerSight)
    /// The workers of a shared queue, by the accounts that they hold.
    case shared([String: SharedWorker])
  }

  init(_ inspector: borrowing Inspector) throws(Failure) {
    try self.init(inspector, .file(WorkerLock.sight(queue: inspector.path)))
  }

  init(_ inspector: borrowing Inspector, _ work: Work) throws(Failure) {
    self.work = work
    let reading = SystemClocks.read(boot: SystemClocks.bootID())
    self.reading = reading
    clocks = try withSentences { () throws(QueueError) in try inspector.clocks(reading) }
    guard case .file(.worker(_, let heartbeat?)) = work else {
      silent = nil
      return
    }
    let unseen = try withSentences { () throws(QueueError) in
      try StatusFigures.oldestUnseen_ms(inspector)
    }
    silent = heartbeat.pulse(at: reading, asksWait: unseen) == .notResponding ? heartbeat : nil
  }

  /// Whether a worker runs, as far as can be seen.
  var isRunning: Bool {
    switch work {
    case .file(let sight): sight.owner != nil
    case .shared(let holders): !holders.isEmpty
    }
  }

  /// Whether one runs that works this account.
  func isRunning(for account: String) -> Bool {
    switch work {
    case .file: isRunning
    case .shared(let holders): holders[account] != nil
    }
  }

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
