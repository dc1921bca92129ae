import Planning

/// One HTTP request, ready to be sent.
package struct Request: Equatable, Sendable {
  package let method: HTTPMethod
  package let url: String
  package let body: [UInt8]
  package let content: Content
  /// The access token, kept apart from everything that is ever printed.
  package let bearer: String?
  package var trust: Trust = .system

  package init(
    _ method: HTTPMethod = .post, url: String, body: [UInt8], content: Content = .json,
    bearer: String? = nil
  ) {
    self.method = method
    self.url = url
    self.body = body
    self.content = content
    self.bearer = bearer
  }

  /// What the body is, as the header says it.
  package enum Content: String, Sendable {
    case json = "application/json; charset=utf-8"
    case form = "application/x-www-form-urlencoded"
  }
}

/// Which certificates a host's own certificate is checked against.
package enum Trust: Equatable, Sendable {
  /// The system's.
  case system
  /// The system's, with this file in place of the system's own file.
  case systemFile(String)
  /// Only those in this file.
  case file(String)
}

/// What came of a request, as far as the network tells.
package enum Outcome: Equatable, Sendable {
  /// The server has certainly not acted on it.
  case neverLeft(String)
  /// This machine was too slow, so the request was not sent: its charge would not have covered the
  /// call.
  case tooLate
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

  /// Takes in one header line.
  package mutating func take(headerLine bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // Another answer has begun: what came before was "100 Continue" or the like.
      headers = [:]
      return
    }
    let parts = line.split(separator: ":", maxSplits: 1)
    if parts.count == 2, headers.count < 100 {
      let value = parts[1].drop { $0 == " " }.prefix { !$0.isNewline }
      headers[parts[0].lowercased()] = String(value.prefix(1_000))
    }
  }
}
