/// Why a statement failed.
package enum SessionError: Error, Equatable, Sendable {
  /// There is no session, and the statement was not sent.
  case unreachable(String)
  /// The session broke after the statement had been sent. The server may have carried it out.
  case unknown(String)
  /// The server refused it, and nothing of it was done.
  case refused(state: String, String)

  package var why: String {
    switch self {
    case .unreachable(let why), .unknown(let why), .refused(_, let why): why
    }
  }
}
