/// What became of a call, as far as the wire can tell.
package enum Answer: Hashable, Sendable {
  /// It provably never left: the name was not resolved, the connection or TLS refused.
  case neverLeft(String)
  /// It was not sent: this machine took so long that the charge no longer covered it.
  case tooLate
  /// It left, and nothing that can be read came back. It may have been carried out.
  case noAnswer(String)
  case reply(Reply)
}

/// An HTTP answer, reduced to what a verdict needs.
package struct Reply: Hashable, Sendable {
  package var status: Int
  /// The code in the body; nil when the body is not JSON with a code.
  package var code: Int?
  package var message: String
  package var logID: String?
  /// How long the server asks to wait, from its headers.
  package var wait: Span?
  /// Everything the body says about what it objects to, to look for names in.
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

  /// The answer as one phrase for people: `230001 param is invalid (HTTP 400, log id 2024…)`.
  package var summary: String {
    let said = code.map { "\($0) \(message)" } ?? "an answer without a code"
    return "\(said) (HTTP \(status)\(logID.map { ", log id \($0)" } ?? ""))"
  }
}

extension Answer {
  /// Nothing came back, or something that is not Feishu's word about the call.
  var blamesHost: Bool {
    switch self {
    case .neverLeft, .noAnswer: true
    case .tooLate: false
    case .reply(let reply): reply.code == nil
    }
  }

  /// The answer as one phrase for people.
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
  /// Whether what was asked may have been done although this is not its success.
  package var mayHaveBeenCarriedOut: Bool {
    switch self {
    case .neverLeft, .tooLate: false
    case .noAnswer: true
    case .reply(let reply): reply.code == nil || reply.status >= 500
    }
  }
}
