import Larkspur
import Planning
import QueueAccess
import Terminal

/// What `--wait` needs to know of a queue, in a file or shared.
protocol AwaitedQueue: ~Copyable {
  /// Nil for an ask that is not there, or not any more.
  func states(of asks: [Int]) throws(Failure) -> [AskState?]

  /// What keeps the calls of an account from going.
  func standing(
    of kind: Kind, _ account: String, isUrgent: Bool
  ) throws(Failure) -> (parkedWhy: String?, Pause?)

  /// Whether a call for one of them is under way.
  func isInFlight(anyOf asks: [Int]) throws(Failure) -> Bool

  func hasWorker() throws(Failure) -> Bool

  /// Called before each look. What changes after it ends the wait that follows.
  mutating func beginLook()

  /// Waits until something may have changed, a signal arrives, or the time is up.
  func wait(milliseconds: Int, until stop: borrowing StopRequest)
}

/// A queue in a file, whose every write the kernel reports.
struct AwaitedFile: AwaitedQueue, ~Copyable {
  private let intake: Intake
  private var watch: QueueWatch?

  init(_ intake: consuming Intake) {
    watch = try? QueueWatch(queue: intake.path, at: steadyMilliseconds())
    self.intake = intake
  }

  /// Look at least this often, in case a report is missed. If the system has no more watches to give, looking at
  /// intervals must do.
  private static let net_ms = 5_000

  func states(of asks: [Int]) throws(Failure) -> [AskState?] {
    try withSentences { () throws(QueueError) in
      var states: [AskState?] = []
      for ask in asks { states.append(try intake.state(of: ask)) }
      return states
    }
  }

  func standing(
    of kind: Kind, _ account: String, isUrgent: Bool
  ) throws(Failure) -> (parkedWhy: String?, Pause?) {
    try withSentences { () throws(QueueError) in
      (
        try intake.whyParked(account), try intake.pause(of: kind, account, isUrgent: isUrgent)
      )
    }
  }

  func isInFlight(anyOf asks: [Int]) throws(Failure) -> Bool {
    try withSentences { () throws(QueueError) in
      for ask in asks where try intake.isInFlight(ask: ask) { return true }
      return false
    }
  }

  func hasWorker() -> Bool { WorkerLock.owner(queue: intake.path) != nil }

  mutating func beginLook() { watch?.take(at: steadyMilliseconds()) }

  func wait(milliseconds: Int, until stop: borrowing StopRequest) {
    let (descriptor, patience_ms) = Self.patience(watch)
    stop.wait(for: descriptor, milliseconds: min(milliseconds, patience_ms, Self.net_ms))
  }

  private static func patience(_ watch: borrowing QueueWatch?) -> (descriptor: Int32?, Int) {
    switch watch {
    case .some(let watch): (watch.descriptor, watch.patience_ms(at: steadyMilliseconds()))
    case nil: (nil, net_ms)
    }
  }
}
