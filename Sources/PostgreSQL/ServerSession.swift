import CPostgreSQL
import Glibc
import Planning

/// One session with PostgreSQL. While it waits for the server it calls `progress`, so that the calls to Feishu go on
/// meanwhile: they must not be sent later, and their answers not be dated later, because the server is slow.
///
/// A session that breaks is opened again by the next statement.
package final class ServerSession {
  /// How long the server may take before the session is given up.
  package struct Patience: Sendable {
    package var connect: Span
    package var reply: Span

    package init(connect: Span = .seconds(3), reply: Span = .seconds(10)) {
      self.connect = connect
      self.reply = reply
    }
  }

  let address: ServerAddress
  let patience: Patience
  private let progress: () -> Void
  private var connection: OpaquePointer?
  let notices = Notices()
  /// Channels to listen on, in each session.
  private var channels: [String] = []
  private var heard: Set<String> = []

  package init(
    _ address: ServerAddress, patience: Patience = Patience(), progress: @escaping () -> Void
  ) {
    self.address = address
    self.patience = patience
    self.progress = progress
  }

  deinit { close() }

  package func close() {
    if let connection { PQfinish(connection) }
    connection = nil
  }

  package var isOpen: Bool { connection != nil }

  /// The socket, to wait for notifications. It changes when the session is opened again.
  package var descriptor: Int32? {
    guard let connection else { return nil }
    let socket = PQsocket(connection)
    return socket >= 0 ? socket : nil
  }

  /// Runs one statement, which is one transaction of its own.
  package func run(_ sql: String, _ values: [String?] = []) throws(SessionError) -> Reply {
    let connection = try opened()
    notices.hasDoubt = false
    let isSent = withCStrings(values) { pointers in
      PQsendQueryParams(connection, sql, Int32(pointers.count), nil, pointers, nil, nil, 0) == 1
    }
    if !isSent {
      let why = message(of: connection)
      close()
      throw .unreachable(why)
    }
    return try reply(connection)
  }

  /// Runs a script of several statements in one transaction.
  package func run(script: String) throws(SessionError) {
    let connection = try opened()
    notices.hasDoubt = false
    if PQsendQuery(connection, "begin;\n\(script)\n;commit") != 1 {
      let why = message(of: connection)
      close()
      throw .unreachable(why)
    }
    do throws(SessionError) {
      _ = try reply(connection)
    } catch {
      // The transaction is still open.
      close()
      throw error
    }
  }

  /// Whether something on the way gives each transaction another session of the server, as poolers do. Notifications are
  /// lost there.
  package func isPooled() throws(SessionError) -> Bool {
    let rows = try run("select pg_backend_pid()").rows
    // A pooler has told the client a number of its own.
    return connection.map { String(PQbackendPID($0)) } != rows.first?[0]
  }

  /// Listens on a channel, in this session and those that follow it.
  package func listen(on channel: String) throws(SessionError) {
    if !channels.contains(channel) { channels.append(channel) }
    _ = try run("listen \(channel)")
  }

  /// The channels on which something was heard since the last time, without waiting.
  package func takeHeard() -> Set<String> {
    if let connection {
      // The server, or something on the way, has ended the session.
      if PQconsumeInput(connection) == 0 { close() } else { collectHeard(connection) }
    }
    defer { heard = [] }
    return heard
  }

  private func collectHeard(_ connection: OpaquePointer) {
    while let notification = PQnotifies(connection) {
      heard.insert(String(cString: notification.pointee.relname))
      PQfreemem(notification)
    }
  }

  private func opened() throws(SessionError) -> OpaquePointer {
    if let connection, PQstatus(connection) == CONNECTION_OK { return connection }
    close()
    let connection = try connect()
    self.connection = connection
    for channel in channels { _ = try run("listen \(channel)") }
    return connection
  }

  private func reply(_ connection: OpaquePointer) throws(SessionError) -> Reply {
    let deadline = monotonic() + patience.reply
    var last: OpaquePointer?
    defer { PQclear(last) }
    while true {
      let unsent = PQflush(connection)
      if unsent < 0 || PQconsumeInput(connection) == 0 { throw broken(message(of: connection)) }
      while PQisBusy(connection) == 0 {
        guard let result = PQgetResult(connection) else {
          guard let last else { throw broken(message(of: connection)) }
          collectHeard(connection)
          return try read(last, connection)
        }
        PQclear(last)
        last = result
      }
      if !wait(for: PQsocket(connection), writing: unsent == 1, until: deadline) {
        throw broken("PostgreSQL does not answer")
      }
    }
  }

  private func read(
    _ result: OpaquePointer, _ connection: OpaquePointer
  ) throws(SessionError) -> Reply {
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
      // Committed here, but not on the standby that was to have it too.
      if notices.hasDoubt { throw broken("the wait for the standby was cancelled") }
      return Reply(result)
    default:
      guard let state = larkspur_state(result), PQstatus(connection) == CONNECTION_OK else {
        // The session has ended. Whether the statement was carried out, nobody has said.
        throw broken(message(of: connection))
      }
      let why = larkspur_complaint(result).map { String(cString: $0) } ?? ""
      throw .refused(state: String(cString: state), why)
    }
  }

  private func broken(_ why: String) -> SessionError {
    close()
    return .unknown(why)
  }

  func message(of connection: OpaquePointer) -> String {
    firstLine(PQerrorMessage(connection).map { String(cString: $0) } ?? "")
  }

  /// Waits without the server, before it is tried again.
  package func rest(milliseconds: Span) {
    let end = monotonic() + milliseconds
    while monotonic() < end {
      poll(nil, 0, Int32(min(milliseconds, 2)))
      progress()
    }
  }

  /// False if the time is up. It returns now and then for other reasons than the socket.
  func wait(for socket: Int32, writing: Bool, until deadline: Span) -> Bool {
    let left = deadline - monotonic()
    if left <= 0 { return false }
    var watched = pollfd(fd: socket, events: Int16(writing ? POLLIN | POLLOUT : POLLIN), revents: 0)
    // Short at first, because most replies come within a millisecond and calls wait for them.
    poll(&watched, 1, Int32(min(left, 2)))
    progress()
    return true
  }
}

/// Milliseconds on a clock that nobody can set.
func monotonic() -> Span {
  var time = timespec()
  clock_gettime(CLOCK_BOOTTIME, &time)
  return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
}

/// Listens for the one warning that makes an acknowledgement doubtful.
final class Notices {
  var hasDoubt = false

  func attach(to connection: OpaquePointer) {
    PQsetNoticeReceiver(
      connection,
      { context, result in
        guard let context, let state = larkspur_state(result) else { return }
        // Only "canceling wait for synchronous replication" has this code and is not followed by an error.
        if String(cString: state) == "01000" {
          Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().hasDoubt = true
        }
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
