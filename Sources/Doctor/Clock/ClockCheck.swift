import Planning
import Terminal

/// Whether the machine's clocks can be trusted, and agree with the queue's.
struct ClockCheck {
  let now: ClockReading
  /// The queue's clock as the last run left it, if it can be read.
  var row: QueueReading.ClockRow?

  func findings() -> [Finding] { [boot, wall] + (row.flatMap(queue).map { [$0] } ?? []) }

  private var boot: Finding {
    if now.boot != nil { return .fine(.bootID, "the kernel names this start of the machine") }
    return .warn(
      .bootID,
      "the kernel does not name this start of the machine, so the worker guesses from the clocks "
        + "whether it was restarted",
      fix: "mount /proc: mount -t proc proc /proc")
  }

  /// When this version was written. An earlier moment is a clock that was never set.
  private static let oldest = WallMoment(ms: 1_767_225_600_000)  // 2026-01-01

  private var wall: Finding {
    let text = describeMoment(wall_ms: now.wall.ms)
    if now.wall < Self.oldest {
      return .wrong(
        .wallClock,
        "the clock shows \(text), so no certificate is valid and monthly quotas are off",
        fix: "set it: timedatectl set-ntp true")
    }
    if let row, row.clocks.wall(row.newest) - now.wall > .minutes(1) {
      let behind = describeDuration(row.clocks.wall(row.newest) - now.wall)
      return .warn(
        .wallClock, "the clock shows \(text), \(behind) less than when a worker last looked",
        fix: "check it: timedatectl")
    }
    return .fine(.wallClock, text)
  }

  /// Nil if the queue's clock was set on another start of the machine: the next worker sets it.
  private func queue(_ row: QueueReading.ClockRow) -> Finding? {
    guard let boot = now.boot, boot == row.boot else { return nil }
    let here = row.clocks.queue(now.sinceBoot)
    if row.newest - here > .seconds(2) {
      return .warn(
        .queueClock,
        "the queue has seen a moment \(describeDuration(row.newest - here)) ahead: it was copied from "
          + "another machine, or this one was restored from a snapshot",
        fix: "nothing is sent early; the next worker sets the queue's clock again")
    }
    let change = now.wall.ms - here.ms - row.clocks.skew
    if abs(change) > .seconds(2) {
      let by = describeDuration(abs(change))
      return .warn(
        .queueClock,
        "the wall clock was set \(change > 0 ? "forward" : "back") by \(by) since a worker last looked",
        fix: "if it is right now, nothing has to be done: pacing does not depend on it")
    }
    return .fine(.queueClock, "the queue's clock agrees with the machine's")
  }
}
