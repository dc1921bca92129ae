import Basics
import Larkspur
import Planning
import Terminal

/// Whether a worker looks at the queue, and what it is stuck on.
struct WorkerCheck {
  let sight: WorkerSight
  let now: ClockReading
  /// Whether asks are pending; nil if that is not known.
  var isAwaited: Bool?
  /// How long the oldest of them has waited, if that is known.
  var oldestWait: Span?
  /// Whether the network is tried as well, so that nobody is told to do so.
  var isOnline = false
  var version = larkspurVersion

  /// Cron starts a worker every minute or two.
  private static let pause: Span = .minutes(3)

  func findings() -> [Finding] {
    switch sight {
    case .hidden(let code):
      return [
        .unknown(
          .worker, "cannot read the worker's lock file: \(systemMessage(code))",
          fix: "run this as the user who owns the queue")
      ]
    case .nobody(let last): return [absence(last)]
    case .worker(let owner, nil):
      return [
        .unknown(
          .worker,
          "a worker is running (\(owner)), but has written no heartbeat: it is still starting, or is "
            + "another version",
          fix: "look again in a minute")
      ]
    case .worker(let owner, let heartbeat?):
      return [presence(owner, heartbeat), same(heartbeat)] + heartbeat.look.stuck.map(stuck)
    }
  }

  private func absence(_ last: Heartbeat?) -> Finding {
    let silence = last.map { now.wall - $0.look.wall }
    let since = silence.map { "the last one looked \(describeDuration(max(0, $0))) ago" }
    let text = "no worker is running" + (since.map { "; \($0)" } ?? "")
    if isAwaited == false { return .fine(.worker, "\(text); nothing is pending") }
    let fix = "start one: 'larkspur work', or from cron or systemd"
    if isAwaited == true && (silence ?? oldestWait ?? 0) > Self.pause {
      return .wrong(.worker, "\(text), and asks are pending", fix: fix)
    }
    if let silence, silence <= Self.pause { return .fine(.worker, text) }
    return .warn(.worker, text, fix: fix)
  }

  private func presence(_ owner: String, _ heartbeat: Heartbeat) -> Finding {
    switch heartbeat.pulse(at: now, asksWait: oldestWait) {
    case .working: return .fine(.worker, "a worker is running (\(owner))")
    case .notResponding:
      let silence = describeDuration(max(0, now.sinceBoot - heartbeat.look.sinceBoot))
      return .wrong(
        .worker, "the worker (\(owner)) has not looked at the queue for \(silence)",
        fix: "it was stopped or hangs (ps -o pid,stat,wchan,args -p \(heartbeat.pid)); continue it "
          + "(kill -CONT \(heartbeat.pid)) or restart it")
    case .unknown:
      return .unknown(
        .worker,
        "a worker is running (\(owner)), but its clock cannot be compared with the one here",
        fix: "run this where the worker runs: in the same container")
    }
  }

  private func same(_ heartbeat: Heartbeat) -> Finding {
    if heartbeat.version == version { return .fine(.workerVersion, "larkspur \(version)") }
    return .warn(
      .workerVersion,
      "the worker is larkspur \(heartbeat.version), and this is larkspur \(version)",
      fix: "restart the worker, or install the same version")
  }

  private func stuck(_ stuck: Stuck) -> Finding {
    let account = stuck.account ?? ""
    let (exit, fix): (ExitCode, String) =
      switch stuck.reason {
      case .noSecret where stuck.why.hasPrefix(Stuck.ticket):
        (.noPermission, SecretCheck.newTicket(for: account))
      case .noSecret:
        (.noPermission, "make it readable for the worker, which looks again every 30 s")
      case .userToken: (.noPermission, "write a new token to its file")
      case .parked:
        (.noPermission, "correct what it says, then run 'larkspur resume \(account)'")
      case .unreachable, .failing:
        (
          .unreachable,
          isOnline ? "see what is tried online, below" : "see: larkspur doctor --online"
        )
      case .refused:
        (.unreachable, "see 'larkspur status' and correct what is asked for, or the account")
      case .queue: (.databaseNotUsable, "correct what is wrong with the queue")
      }
    return .wrong(.stuck, stuck.sentence, fix: fix, exit: exit)
  }
}
