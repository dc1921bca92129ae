import CPostgreSQL
import Glibc

extension ServerSession {
  /// What is set here holds unless the address says otherwise.
  private static let defaults = [
    ("application_name", "larkspur"), ("connect_timeout", "3"), ("keepalives_idle", "1"),
    ("keepalives_interval", "1"), ("keepalives_count", "2"), ("tcp_user_timeout", "1500"),
    ("client_encoding", "UTF8"),
  ]

  /// Only the look-up of a host's name blocks, in libpq.
  func connect() throws(SessionError) -> OpaquePointer {
    // Later ones win, and the address is expanded where it stands.
    let settings = Self.defaults + [("dbname", address.text)]
    let started = withCStrings(settings.map(\.0) + [nil]) { names in
      withCStrings(settings.map(\.1) + [nil]) { values in PQconnectStartParams(names, values, 1) }
    }
    guard let started else { throw .unreachable("out of memory") }
    let deadline = monotonic() + patience.connect
    while true {
      let state = PQconnectPoll(started)
      switch state {
      case PGRES_POLLING_OK:
        PQsetnonblocking(started, 1)
        notices.attach(to: started)
        return started
      case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
        let isInTime = wait(
          for: PQsocket(started), writing: state == PGRES_POLLING_WRITING, until: deadline)
        if isInTime { continue }
        PQfinish(started)
        throw .unreachable("PostgreSQL does not answer")
      default:
        let why = message(of: started)
        PQfinish(started)
        throw .unreachable(why)
      }
    }
  }
}

func withCStrings<Result>(
  _ values: [String?], _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
  let copies = values.map { value in value.flatMap { strdup($0) } }
  defer { for copy in copies { free(copy) } }
  return body(copies.map { UnsafePointer($0) })
}
