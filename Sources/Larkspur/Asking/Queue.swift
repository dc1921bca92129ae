import Dispatch

/// A queue of updates, for programs that ask for them.
///
///     let queue = try await Queue(path: "/var/lib/larkspur/queue.db")
///     let id = try await queue.enqueue(.preview(token, for: .people(["ou_…"])))
///
/// SQLite blocks while it writes, so every queue has a thread of its own to block: no task thread of
/// the program ever waits for a disk. Delivering is another program's work: `larkspur work`.
public actor Queue {
  private let executor = QueueExecutor()
  private var opened: OpenedIntake?

  /// Opens the queue at `path`, and makes it if there is none. A file with a second name (a hard link)
  /// is refused, and so is one that is mounted by itself: asks made under one name are not seen under
  /// the other.
  public init(path: String) async throws(QueueError) {
    // From here on this runs on the queue's own thread: an actor is entered as soon as all of it has
    // been set.
    opened = nil
    opened = try OpenedIntake(path)
  }

  /// The thread that waits for the disk.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Asks for one update. When this returns, the ask is on disk.
  public func enqueue(_ ask: Ask) throws(QueueError) -> Int {
    try enqueue([ask])[0]
  }

  /// Asks for many updates in one transaction, all or none; answers their ids in the same order.
  public func enqueue(_ asks: [Ask]) throws(QueueError) -> [Int] {
    try intake.intake.add(asks)
  }

  /// How an ask stands; nil when there is none of this id, or when it ended so long ago that it has
  /// been forgotten.
  public func state(of ask: Int) throws(QueueError) -> AskState? {
    try intake.intake.state(of: ask)
  }

  private var intake: OpenedIntake {
    guard let opened else { preconditionFailure("a queue that was never opened was used") }
    return opened
  }
}

/// A connection that can be set later.
private final class OpenedIntake {
  let intake: Intake

  init(_ path: String) throws(QueueError) {
    // There is nowhere to warn to.
    try QueueNames.refuseSecondName(path)
    intake = try Intake(queue: path)
  }
}

/// Runs an actor's work on one thread of its own.
private final class QueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "larkspur.queue")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
