import Larkspur
import PostgreSQL

/// A queue in PostgreSQL that many machines share, for programs that enqueue asks.
///
///     let queue = try await SharedQueue(url: "postgresql://backend@db.example/larkspur")
///     let id = try await queue.enqueue(.preview(token, for: .people(["ou_…"])))
///
/// The server's client blocks while it waits, so every queue does its work on a dispatch queue of its own. A session that
/// breaks is opened again by the next call. To ask in a transaction of your own, insert into the view `larkspur.ask`
/// through your own session.
public actor SharedQueue {
  private let executor = QueueExecutor()
  private let session: ServerSession

  /// Opens a session. A password comes from `~/.pgpass`, a service file or `PGPASSWORD`: an address with one is refused.
  public init(url: String) async throws(QueueError) {
    session = ServerSession(try Self.address(url)) {}
    try open()
  }

  /// The dispatch queue that waits for the server.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Adds one ask and returns its number. When this returns, the server has committed it.
  public func enqueue(_ ask: Ask) throws(QueueError) -> Int {
    try enqueue([ask])[0]
  }

  /// Adds many asks in one transaction, all or none; returns their numbers in the same order.
  public func enqueue(_ asks: [Ask]) throws(QueueError) -> [Int] {
    try rows(SharedStatements.ask, AskRows(asks).json).compactMap { $0[0].flatMap { Int($0) } }
  }

  /// Records that a client has requested a preview, as the callback `url.preview.get` says: the keys name what the preview
  /// shows, such as `ticket-1041`; `url`, `chat` and `openID` are the callback's `url`, `open_chat_id` and
  /// `operator.open_id`. All keys or none are recorded. A sighting that says nothing new writes nothing.
  public func saw(
    _ token: String, keys: [String], url: String? = nil, chat: String? = nil,
    by openID: String? = nil, account: String = "default"
  ) throws(QueueError) {
    let sighting = Sighting(
      token, keys: keys, url: url, chat: chat, openID: openID, account: account)
    _ = try rows(SharedStatements.saw, SharedStatements.rows(of: [sighting]))
  }

  /// The state of an ask; nil if there is none with this number, or if it ended so long ago that it was deleted.
  public func state(of ask: Int) throws(QueueError) -> AskState? {
    try rows(SharedStatements.states, SharedStatements.list([ask])).first.map {
      AskState(outcome: $0[1], reason: $0[2])
    }
  }

  private func open() throws(QueueError) {
    _ = try rows("select version from larkspur.schema_version where $1::text is null", nil)
  }

  private func rows(_ sql: String, _ value: String?) throws(QueueError) -> [[String?]] {
    do throws(SessionError) {
      return try session.run(sql, [value]).rows
    } catch {
      throw QueueError(error)
    }
  }

  private static func address(_ url: String) throws(QueueError) -> ServerAddress {
    do throws(ServerAddress.Flaw) {
      return try ServerAddress(url)
    } catch {
      switch error {
      case .hasPassword:
        throw QueueError(
          .cannotUse,
          "the address of the queue has a password in it; put it into ~/.pgpass, a service file or PGPASSWORD"
        )
      case .malformed(let why):
        throw QueueError(.cannotUse, "the address of the queue cannot be read: \(why)")
      }
    }
  }
}

extension QueueError {
  package init(_ error: SessionError) {
    switch error {
    case .unreachable(let why):
      self.init(.cannotUse, "cannot reach the shared queue: \(why)")
    case .unknown(let why):
      self.init(
        .cannotUse,
        "the connection to the shared queue broke, and nobody knows whether this was done: \(why)")
    // The checks of the schema, in the schema's own sentences.
    case .refused("P0001", let why), .refused("23514", let why):
      self.init(.refused, why)
    case .refused("3F000", _), .refused("42P01", _):
      self.init(
        .missing, "there is no shared queue in this database; make it with: larkspur init ADDRESS")
    case .refused("42501", let why):
      self.init(
        .cannotUse,
        "the shared queue refuses: \(why); its owner has to grant this user larkspur_ask to ask, larkspur_look to "
          + "look, or larkspur_work to work and repair")
    case .refused(_, let why):
      self.init(.cannotUse, "the shared queue refuses: \(why)")
    }
  }
}
