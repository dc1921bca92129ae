/// One HTTP request, ready to be sent.
package struct Request: Equatable, Sendable {
  package let method: Method
  package let url: String
  package let body: [UInt8]
  /// The access token, kept apart from everything that is ever printed.
  package let bearer: String?

  package enum Method: String, Sendable { case post = "POST", put = "PUT" }

  package init(_ method: Method = .post, url: String, body: [UInt8], bearer: String? = nil) {
    self.method = method
    self.url = url
    self.body = body
    self.bearer = bearer
  }
}

/// What came of it, as the network tells.
package enum Outcome: Equatable, Sendable {
  case neverLeft(String)
  case noAnswer(String)
  case answered(RawAnswer)
}

/// An HTTP answer as received.
package struct RawAnswer: Equatable, Sendable {
  package var status: Int
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
