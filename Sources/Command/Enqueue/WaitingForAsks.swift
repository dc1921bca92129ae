import Larkspur
import Planning
import QueueAccess
import Terminal

/// `--wait`: waits until the asks have ended and reports those that were not delivered.
struct WaitingForAsks: ~Copyable {
  struct Ask {
    let id: Int
    let lane: String
  }

  private let limit: EnqueueAsks.Wait
  private let kind: Kind
  private let isUrgent: Bool
  private let global: GlobalOptions
  private let stop = StopRequest()

  init(limit: EnqueueAsks.Wait, kind: Kind, isUrgent: Bool, global: GlobalOptions) {
    self.limit = limit
    self.kind = kind
    self.isUrgent = isUrgent
    self.global = global
  }

  /// How many open asks are looked at per write, from the front of the list; looking at all of them
  /// would cost more the more there are. An ask further back is noticed when those before it have
  /// ended.
  private static let looksAtOnce = 100

  borrowing func wait(
    for asks: [Ask], in queue: inout some AwaitedQueue & ~Copyable
  ) throws(Failure) -> ExitCode {
    let began = steadyMilliseconds()
    var open = asks[...]
    var told: [String] = []
    var hints = Hints()
    while true {
      queue.beginLook()
      let moved = try look(at: &open, in: queue, &told)
      if open.isEmpty { return try end(told, of: asks.count) }
      if let code = stop.arrived { throw interrupted(code, open.count, told) }
      if moved { continue }
      let (why, pause) = try queue.standing(of: kind, global.accountToAsk, isUrgent: isUrgent)
      if let pause, !pause.isWaitedOut, try !isExcepted(open, from: pause, in: queue) {
        throw givenUp(open.count, pause, told)
      }
      try say(&hints, why, pause, queue)
      let left = remaining(since: began)
      if left <= 0 { throw timeIsUp(open.count, of: asks.count, told) }
      queue.wait(milliseconds: left, until: stop)
    }
  }

  /// Removes the asks that have ended and returns whether there were any. Those that were not
  /// delivered are told at once to a person, and at the end to a program, which reads one object.
  private borrowing func look(
    at open: inout ArraySlice<Ask>, in queue: borrowing some AwaitedQueue & ~Copyable,
    _ told: inout [String]
  ) throws(Failure) -> Bool {
    var stay: [Ask] = []
    let looked = open.prefix(Self.looksAtOnce)
    for (ask, state) in zip(looked, try queue.states(of: looked.map(\.id))) {
      switch state {
      case .open: stay.append(ask)
      case .delivered: break
      case let other:
        told.append(sentence(ask, other))
        if !global.wantsJSON { Output.sentence(sentence(ask, other)) }
      }
    }
    if stay.count == looked.count { return false }
    open = stay + open.dropFirst(looked.count)
    return true
  }

  private borrowing func sentence(_ ask: Ask, _ state: AskState?) -> String {
    let name = "ask \(ask.id) for \(printable(ask.lane))"
    return switch state {
    case .dead(let reason):
      "\(name) is dead: \(printable(reason)); to requeue it, run "
        + "'larkspur retry \(printable(ask.lane))'"
    case .expired: "\(name) expired before it was delivered"
    case .cancelled: "\(name) was cancelled"
    default: "\(name) has ended and was deleted from the history; its outcome is unknown"
    }
  }

  /// Hints for a user who waits and sees nothing happen. Each is given once.
  private struct Hints {
    var isWorkerLookedFor = false
    var isParkedSaid = false
    var isPauseSaid = false
  }

  /// A call that is under way has been allowed already.
  private borrowing func isExcepted(
    _ open: ArraySlice<Ask>, from pause: Pause, in queue: borrowing some AwaitedQueue & ~Copyable
  ) throws(Failure) -> Bool {
    guard pause.isForOthers else { return false }
    return try queue.isInFlight(anyOf: open.prefix(Self.looksAtOnce).map(\.id))
  }

  private borrowing func say(
    _ hints: inout Hints, _ why: String?, _ pause: Pause?,
    _ queue: borrowing some AwaitedQueue & ~Copyable
  ) throws(Failure) {
    if !hints.isWorkerLookedFor, try !queue.hasWorker() {
      global.say(WorkerReport.noWorker)
    }
    hints.isWorkerLookedFor = true
    if hints.isParkedSaid { return }
    let account = global.accountToAsk
    if let why {
      hints.isParkedSaid = true
      global.say(
        "account '\(printable(account))' is parked (its asks are kept): \(printable(why)); see "
          + "'larkspur status'")
    } else if let pause, !hints.isPauseSaid, pause.milliseconds >= Self.longPause_ms {
      hints.isPauseSaid = true
      global.say(
        "\(kind.rawValue) calls of account '\(printable(account))' are paused for "
          + "\(describeDuration(pause.milliseconds)): \(printable(pause.why))")
    }
  }

  /// A shorter pause is over before the user has read about it.
  private static let longPause_ms = 15_000

  private borrowing func remaining(since began: Int) -> Int {
    switch limit {
    case .forEver: .max
    case .milliseconds(let most): most - (steadyMilliseconds() - began)
    }
  }

  /// All asks have ended. A person has read which of them were not delivered.
  private borrowing func end(_ told: [String], of all: Int) throws(Failure) -> ExitCode {
    if told.isEmpty { return .done }
    if !global.wantsJSON { return .dead }
    let what = all == 1 ? "the ask was" : "\(told.count) of \(all) asks were"
    throw failure(.dead, "\(what) not delivered; see 'larkspur list --state dead'", told)
  }

  private borrowing func givenUp(_ open: Int, _ pause: Pause, _ told: [String]) -> Failure {
    let fix =
      pause.isForOthers
      ? "to send it this month, ask again with --urgent"
      : "to try again at once, run 'larkspur resume \(printable(global.accountToAsk))'"
    return failure(
      .timeIsUp,
      "stopped waiting, \(staying(open)) in the queue: \(printable(pause.why)); \(fix)", told)
  }

  private borrowing func interrupted(
    _ code: ExitCode, _ open: Int, _ told: [String]
  ) -> Failure {
    var failure = Failure(code, "stopped waiting; \(staying(open)) in the queue", fix: nil)
    if global.wantsJSON { failure.details = told }
    return failure
  }

  private borrowing func timeIsUp(_ open: Int, of all: Int, _ told: [String]) -> Failure {
    let left =
      all == 1
      ? "the ask is not delivered yet and stays"
      : "\(open) of \(all) asks are not "
        + "delivered yet and stay"
    return failure(
      told.isEmpty ? .timeIsUp : .dead, "timed out: \(left) in the queue; see 'larkspur list'",
      told)
  }

  private borrowing func staying(_ open: Int) -> String {
    open == 1 ? "the ask stays" : "\(open) asks stay"
  }

  private borrowing func failure(
    _ code: ExitCode, _ sentence: String, _ told: [String]
  ) -> Failure {
    var failure = Failure(code, sentence)
    if global.wantsJSON { failure.details = told }
    return failure
  }
}
