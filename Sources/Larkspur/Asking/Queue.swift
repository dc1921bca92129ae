/// A queue of asks, for programs that enqueue them.
///
///     let queue = try await Queue(path: "/var/lib/larkspur/queue.db")
///     let id = try await queue.enqueue(.preview(token, for: .people(["ou_…"])))
///
/// SQLite blocks while it writes, so every queue does its work on a dispatch queue of its own: no
/// task thread of the program ever waits for a disk. A separate program delivers the asks:
/// `larkspur work`.
public actor Queue {
  private let executor = QueueExecutor()
  private var opened: OpenedIntake?

  /// Opens the queue at `path`, and creates it if there is none. Refuses a file with a second name
  /// (a hard link) or one that is a mount point itself, because asks made under one name are not
  /// seen under the other.
  public init(path: String) async throws(QueueError) {
    // Once all its properties are set, the actor's initializer continues on the actor's own
    // executor. So the file is opened there and not on a task thread.
    opened = nil
    opened = try OpenedIntake(path)
  }

  /// The dispatch queue that waits for the disk.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Adds one ask and returns its id. When this returns, the ask is on disk.
  public func enqueue(_ ask: Ask) throws(QueueError) -> Int {
    try enqueue([ask])[0]
  }

  /// Adds many asks in one transaction, all or none; returns their ids in the same order.
  public func enqueue(_ asks: [Ask]) throws(QueueError) -> [Int] {
    try intake.intake.add(asks)
  }

  /// Records that a client has requested a preview, as the callback `url.preview.get` says: the keys
  /// name what the preview shows, such as `ticket-1041`; `url`, `chat` and `openID` are the
  /// callback's `url`, `open_chat_id` and `operator.open_id`. All keys or none are recorded.
  ///
  /// A sighting that says nothing new writes nothing. Another program may hold the lock, so answer
  /// the callback without waiting for this.
  public func saw(
    _ token: String, keys: [String], url: String? = nil, chat: String? = nil,
    by openID: String? = nil, account: String = "default"
  ) throws(QueueError) {
    let sighting = Sighting(
      token, keys: keys, url: url, chat: chat, openID: openID, account: account)
    try intake.intake.saw([sighting])
  }

  /// The state of an ask; nil if there is none with this id, or if it ended so long ago that it was
  /// deleted.
  public func state(of ask: Int) throws(QueueError) -> AskState? {
    try intake.intake.state(of: ask)
  }

  private var intake: OpenedIntake {
    guard let opened else { preconditionFailure("a queue that was never opened was used") }
    return opened
  }
}

/// A box for a connection, so that it can be set later.
private final class OpenedIntake {
  let intake: Intake

  init(_ path: String) throws(QueueError) {
    // A library has nowhere to print a warning, so a second name is an error.
    try QueueNames.refuseSecondName(path)
    intake = try Intake(queue: path)
  }
}
