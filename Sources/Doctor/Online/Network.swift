import Delivery
import Larkspur
import Planning

/// What the checks of Feishu need of the network. Only the program that links libcurl has one.
package struct Network {
  /// Connects to a host, through the proxy if there is one, and sends nothing.
  package var connect: (_ host: String, _ trust: Trust, _ limit: Span) -> Reach
  /// Sends one request.
  package var send: (_ request: Request, _ limit: Span) -> Outcome
  /// A name and version of the library, for the report.
  package var library: String

  package init(
    library: String, connect: @escaping (String, Trust, Span) -> Reach,
    send: @escaping (Request, Span) -> Outcome
  ) {
    self.library = library
    self.connect = connect
    self.send = send
  }
}

/// How far a connection got.
package enum Reach: Equatable, Sendable {
  /// How long the steps took, each from the start, and the address it went to.
  case connected(lookup: Span, connect: Span, secure: Span, address: String)
  case failed(at: Step, why: String)

  package enum Step: String, Sendable {
    case proxyName, name, connect, certificate, secure, proxy, time, other
  }
}
