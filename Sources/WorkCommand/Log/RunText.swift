import Delivery
import Planning
import Terminal

/// A run in words: its beginning, its progress and its end.
enum RunText {
  static func sentence(_ run: RunStart) -> String {
    let shown = run.accounts.prefix(3).joined(separator: ", ")
    let more = run.accounts.count > 3 ? " and \(grouped(run.accounts.count - 3)) more" : ""
    let noun = run.accounts.count == 1 ? "account" : "accounts"
    return "started larkspur \(run.version), process \(run.pid), for \(noun) \(shown)\(more) on "
      + "queue \(run.queue); \(intent(run.mode))"
  }

  private static func intent(_ mode: WorkMode) -> String {
    let limit = mode.limit.map { "starts no calls after \(describeDuration($0))" }
    switch mode.goal {
    case .stay: return limit ?? "runs until it is stopped"
    case .once:
      return ["delivers what is due now", limit].compactMap { $0 }.joined(separator: ", ")
    case .untilEmpty:
      return ["runs until nothing is left", limit].compactMap { $0 }.joined(separator: ", ")
    }
  }

  static func goal(_ goal: WorkMode.Goal) -> String {
    switch goal {
    case .stay: "stay"
    case .once: "once"
    case .untilEmpty: "until_empty"
    }
  }

  static func sentence(_ run: RunEnd) -> String {
    let died = run.asksDied > 0 ? ", \(counted(run.asksDied, "ask")) dead" : ""
    return "\(run.ending.rawValue): \(summary(run.progress, elapsed_ms: run.ran_ms))\(died)"
  }

  static func summary(_ progress: WorkProgress, elapsed_ms: Int) -> String {
    var calls = progress.calls == 1 ? "1 call" : "\(progress.calls) calls"
    // Otherwise a log with failed requests would end as if nothing had been sent.
    if progress.calls == 0 && progress.tokenCalls > 0 {
      calls += " (and \(progress.tokenCalls) for access tokens)"
    }
    let left = progress.lanesLeft > 0 ? ", \(progress.lanesLeft) left" : ""
    let delayed = progress.asksDelayed > 0 ? ", \(progress.asksDelayed) delayed" : ""
    return
      "\(progress.lanesDone) done with \(calls) in \(describeDuration(elapsed_ms))\(left)\(delayed)"
  }

  /// For a person who waits for the end of the run.
  static func progress(_ progress: WorkProgress, elapsed_ms: Int) -> String {
    var parts = ["\(progress.lanesDone) done"]
    let isOnlyDelayed = progress.lanesLeft == 0 && progress.asksDelayed > 0
    if !isOnlyDelayed { parts.append("\(progress.lanesLeft) left") }
    if progress.asksDelayed > 0 { parts.append("\(progress.asksDelayed) delayed") }
    if isOnlyDelayed {
      if let next = progress.nextDelayed { parts.append("next in \(describeDuration(next))") }
      return parts.joined(separator: ", ")
    }
    parts.append(rate(progress))
    if progress.lanesDone > 0 && progress.lanesLeft > 0 {
      let left_ms = elapsed_ms * progress.lanesLeft / progress.lanesDone
      parts.append("about \(describeDuration(left_ms)) to go")
    }
    return parts.joined(separator: ", ")
  }

  private static func rate(_ progress: WorkProgress) -> String {
    let tenths = Int(progress.callsPerSecond * 10)
    return "\(tenths / 10).\(tenths % 10) calls/s"
  }
}

/// A worker that stays, for a person at its terminal. What it waits for comes first, because a
/// narrow terminal cuts the rest off.
extension RunText {
  static func standing(
    _ progress: WorkProgress, limit: Span? = nil, isQueueUsable: Bool, at now: WallMoment
  ) -> String {
    let until =
      (progress.left ?? limit).map { "for \(describeDuration($0)) more" } ?? "until Ctrl-C"
    let waits = isQueueUsable ? awaited(progress.awaited, at: now) : "waiting for the queue"
    var counts = ["\(grouped(progress.lanesDone)) done"]
    if progress.lanesLeft > 0 { counts.append("\(grouped(progress.lanesLeft)) left") }
    if progress.asksDelayed > 0 { counts.append("\(grouped(progress.asksDelayed)) delayed") }
    if progress.callsPerSecond > 0 { counts.append(rate(progress)) }
    return "running \(until): \(waits); \(counts.joined(separator: ", "))"
  }

  /// For a service manager. It stays true until the worker looks at the queue again, so nothing counts down.
  static func status(_ phase: WorkPhase, _ progress: WorkProgress, at now: WallMoment) -> String {
    let waits =
      switch phase {
      case .starting, .standingBy: "waiting for the queue"
      case .stopping: "stopping"
      case .working, .reloading: awaited(progress.awaited, at: now, countsDown: false)
      }
    var counts = ["\(grouped(progress.lanesDone)) done"]
    if progress.lanesLeft > 0 { counts.append("\(grouped(progress.lanesLeft)) left") }
    return "\(waits); \(counts.joined(separator: ", "))"
  }

  private static func awaited(
    _ awaited: Awaited, at now: WallMoment, countsDown: Bool = true
  ) -> String {
    switch awaited {
    case .asks: "waiting for asks"
    case .answers(let calls): "waiting for \(counted(calls, "answer"))"
    case .moment(let span):
      "waiting until \(time(now + span, at: now))"
        + (countsDown ? ", \(describeDuration(span)) more" : "")
    case .person(let nextTry):
      "waiting for you, see 'larkspur status'"
        + (nextTry.map { ", tries again at \(time(now + $0, at: now))" } ?? "")
    }
  }

  /// Without the date if it is today's.
  private static func time(_ moment: WallMoment, at now: WallMoment) -> String {
    let text = describeMoment(wall_ms: moment.ms)
    let isToday = text.prefix(10) == describeMoment(wall_ms: now.ms).prefix(10)
    return isToday ? String(text.suffix(8)) : text
  }
}
