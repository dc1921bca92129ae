import PostgreSQL

/// Why something could not be read from the shared queue or written to it.
package enum LogError: Error, Equatable, Sendable {
  /// This run was declared gone, or cannot find out whether it was. It must end, and may begin again as another.
  case gone
  /// Nothing was written.
  case unreachable(String)
  /// Nobody knows whether it was written.
  case unknown(String)
  case refused(String)
  /// The server's reply makes no sense.
  case unreadable

  init(_ error: SessionError) {
    switch error {
    case .unreachable(let why): self = .unreachable(why)
    case .unknown(let why): self = .unknown(why)
    // See migrations/postgresql/0004_protocol.sql. With LK002 and LK003 the run believes something of itself that is
    // not so, and what it holds in memory is of no more use.
    case .refused("LK001", _), .refused("LK002", _), .refused("LK003", _): self = .gone
    case .refused(_, let why): self = .refused(why)
    }
  }

  /// It may work again, once the server can be reached.
  package var isOfConnection: Bool {
    switch self {
    case .unreachable, .unknown: true
    case .gone, .refused, .unreadable: false
    }
  }

  package var sentence: String {
    switch self {
    case .gone: "another worker has taken over the accounts of this one"
    case .unreachable(let why), .unknown(let why): "cannot reach the shared queue: \(why)"
    case .refused(let why): "the shared queue refuses: \(why)"
    case .unreadable: "the reply of the shared queue cannot be read"
    }
  }
}
