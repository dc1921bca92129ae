import Larkspur
import Planning
import Testing

@testable import Doctor

extension Scenario {
  /// A worker that last looked this long ago, and looks again every minute.
  private static func heartbeat(ago: Span = 1_000, stuck: [Stuck] = [], boot: String = "b")
    -> Heartbeat
  {
    let now = ClockReading.of()
    return Heartbeat(
      pid: 812, version: "0.1.0", boot: boot, started: now.wall - .hours(1),
      look: Heartbeat.Look(
        wall: now.wall - ago, sinceBoot: now.sinceBoot - ago,
        next: now.sinceBoot - ago + .minutes(1), stuck: stuck))
  }

  private static func findings(
    _ sight: WorkerSight, isAwaited: Bool? = nil, oldestWait: Span? = nil,
    version: String = "0.1.0"
  ) -> [Finding] {
    WorkerCheck(
      sight: sight, now: .of(), isAwaited: isAwaited, oldestWait: oldestWait, version: version
    ).findings()
  }

  private static func running(_ heartbeat: Heartbeat?) -> WorkerSight {
    .worker(owner: "process 812", heartbeat)
  }

  static let ofWorkers: [Scenario] = [
    Scenario(.worker, .fine) { _ in findings(running(heartbeat())) },
    Scenario(.worker, .fine) { _ in findings(.nobody(last: nil), isAwaited: false) },
    // Cron starts the next one.
    Scenario(.worker, .fine) { _ in
      findings(.nobody(last: heartbeat(ago: .minutes(2))), isAwaited: true)
    },
    Scenario(.worker, .warn) { _ in findings(.nobody(last: nil), isAwaited: true, oldestWait: 5) },
    Scenario(.worker, .warn) { _ in findings(.nobody(last: heartbeat(ago: .hours(1)))) },
    Scenario(.worker, .wrong) { _ in
      findings(.nobody(last: heartbeat(ago: .hours(1))), isAwaited: true)
    },
    Scenario(.worker, .wrong) { _ in
      findings(.nobody(last: nil), isAwaited: true, oldestWait: .minutes(4))
    },
    Scenario(.worker, .wrong) { _ in findings(running(heartbeat(ago: .minutes(5)))) },
    Scenario(.worker, .unknown) { _ in findings(running(nil)) },
    Scenario(.worker, .unknown) { _ in findings(running(heartbeat(boot: "another"))) },
    Scenario(.worker, .unknown) { _ in findings(.hidden(13)) },
    Scenario(.workerVersion, .fine) { _ in findings(running(heartbeat())) },
    Scenario(.workerVersion, .warn) { _ in findings(running(heartbeat()), version: "0.2.0") },
    Scenario(.stuck, .wrong) { _ in
      findings(
        running(
          heartbeat(
            stuck: Stuck.Reason.allCases.map { Stuck($0, account: "shop", why: "because") })))
    },
  ]

  private static func clock(
    offset: Span = 0, skew: Span = 0, newest: Int = 3_599_000, boot: String? = "b"
  ) -> QueueReading.ClockRow {
    let now = ClockReading.of()
    let zero = now.wall.ms - now.sinceBoot.ms
    return QueueReading.ClockRow(
      boot: boot, clocks: Clocks(offset: offset, skew: zero + skew), newest: Moment(ms: newest))
  }

  static let ofClocks: [Scenario] = [
    Scenario(.bootID, .fine) { _ in ClockCheck(now: .of()).findings() },
    Scenario(.bootID, .warn) { _ in ClockCheck(now: .of(boot: nil)).findings() },
    Scenario(.wallClock, .fine) { _ in ClockCheck(now: .of(), row: clock()).findings() },
    Scenario(.wallClock, .wrong) { _ in ClockCheck(now: .of(wall_ms: 86_400_000)).findings() },
    Scenario(.wallClock, .warn) { _ in
      ClockCheck(now: .of(), row: clock(newest: 3_599_000 + .hours(2), boot: nil)).findings()
    },
    Scenario(.queueClock, .fine) { _ in ClockCheck(now: .of(), row: clock()).findings() },
    // Set forward, set back, and another clock altogether.
    Scenario(.queueClock, .warn) { _ in
      ClockCheck(now: .of(), row: clock(skew: .hours(-1))).findings()
    },
    Scenario(.queueClock, .warn) { _ in
      ClockCheck(now: .of(), row: clock(skew: .seconds(10))).findings()
    },
    Scenario(.queueClock, .warn) { _ in
      ClockCheck(now: .of(), row: clock(newest: 3_600_000 + .hours(1))).findings()
    },
  ]
}
