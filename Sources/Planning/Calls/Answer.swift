/// What happened to a call, as far as the network can tell.
package enum Answer: Hashable, Sendable {
  /// It provably never left: the name was not resolved, or the connection or TLS was refused.
  case neverLeft(String)
  /// It was not sent. This machine was so slow that the slot recorded for the call would no longer
  /// have covered it.
  case tooLate
  /// It left, and nothing readable came back. The server may have acted on it.
  case noAnswer(String)
  case reply(Reply)
}

/// An HTTP answer, reduced to what a verdict needs.
package struct Reply: Hashable, Sendable {
  package var status: Int
  /// The code in the body. Nil when the body is not JSON with a code.
  package var code: Int?
  package var message: String
  package var logID: String?
  /// How long the server asks the client to wait, from the headers.
  package var wait: Span?
  /// Everything in the body about what the server rejects. It is searched for open_ids.
  package var objections: String

  package init(
    status: Int, code: Int?, message: String = "", logID: String? = nil, wait: Span? = nil,
    objections: String = ""
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.logID = logID
    self.wait = wait
    self.objections = objections
  }

  /// The answer as one phrase for messages: `230001 param is invalid (HTTP 400, log id 2024…)`.
  package var summary: String {
    let said = code.map { "\($0) \(message)" } ?? "an answer without a code"
    return "\(said) (HTTP \(status)\(logID.map { ", log id \($0)" } ?? ""))"
  }
}

extension Answer {
  /// No answer came back, or one that does not come from Feishu's API.
  var blamesHost: Bool {
    switch self {
    case .neverLeft, .noAnswer: true
    case .tooLate: false
    case .reply(let reply): reply.code == nil
    }
  }

  /// The answer as one phrase for messages.
  package var summary: String {
    switch self {
    case .tooLate: "this machine took too long to send it"
    case .neverLeft(let why): "Feishu cannot be reached: \(why)"
    case .noAnswer(let why): "no answer: \(why)"
    case .reply(let reply): reply.summary
    }
  }
}

extension Answer {
  /// Whether the server may have acted on the call, although the answer does not report success.
  package var mayHaveBeenCarriedOut: Bool {
    switch self {
    case .neverLeft, .tooLate: false
    case .noAnswer: true
    case .reply(let reply): reply.code == nil || reply.status >= 500
    }
  }
}
