import Larkspur
import Planning
import Terminal

/// Requests as Feishu documents them, and its answers reduced to what a verdict needs. Pure.
package enum FeishuWire {
  /// The request of a call.
  package static func request(
    _ kind: Kind, host: String, lanes: [String], body: String, bearer: String
  ) -> Request {
    Request(
      kind.rules.method, url: host + kind.rules.path(of: lanes), body: Array(body.utf8),
      bearer: bearer)
  }

  /// The state of the lane that an answer reports, as JSON text; nil if it reports none.
  package static func result(
    of kind: Kind, in outcome: Outcome, _ redaction: Redaction
  ) -> String? {
    let place = kind.rules.stateInAnswer
    guard !place.isEmpty, case .answered(let raw) = outcome,
      let state = place.reduce(JSON(raw.body), { $0?[$1] }), case .object = state
    else { return nil }
    return printableJSON(redaction.json(state).text)
  }

  /// The access token in an answer to a request for one, whatever else the answer says.
  package static func newSecret(in outcome: Outcome) -> String? {
    guard case .answered(let raw) = outcome else { return nil }
    return JSON(raw.body)?["tenant_access_token"]?.string
  }

  /// POST /open-apis/auth/v3/tenant_access_token/internal, for apps built by a tenant for itself.
  package static func accessToken(
    host: String, appID: String, secret: String
  ) -> Request {
    Request(
      url: host + "/open-apis/auth/v3/tenant_access_token/internal",
      body: Array(
        JSONText.object(["app_id": .text(appID), "app_secret": .text(secret)]).utf8))
  }

  /// The access token in an answer, and how long it lives.
  package static func accessToken(in answer: RawAnswer) -> (value: String, lives: Span)? {
    guard let body = JSON(answer.body), let value = body["tenant_access_token"]?.string,
      isWord(value), let seconds = body["expire"]?.int, seconds > 0
    else { return nil }
    return (value, min(.seconds(min(seconds, 86_400)), Limits.accessTokenLife))
  }

  /// Whether the text can be part of a header line: anything but visible ASCII would break the
  /// line.
  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Codes arrive with any HTTP status, so the body is read whatever the status is.
  package static func read(_ outcome: Outcome, _ redaction: Redaction, received: WallMoment)
    -> Answer
  {
    switch outcome {
    case .neverLeft(let why): .neverLeft(redaction.libraryText(why))
    case .tooLate: .tooLate
    case .noAnswer(let why): .noAnswer(redaction.libraryText(why))
    case .answered(let raw): .reply(read(raw, redaction, received: received))
    }
  }

  private static func read(_ raw: RawAnswer, _ redaction: Redaction, received: WallMoment) -> Reply
  {
    let body = JSON(raw.body)
    let error = body?["error"]
    let logID =
      raw.headers["x-tt-logid"] ?? body?["log_id"]?.string ?? error?["log_id"]?.string
      ?? raw.headers["x-request-id"]
    return Reply(
      status: raw.status,
      code: body?["code"]?.int,
      message: redaction.text(body?["msg"]?.string ?? "", atMost: messageMax),
      logID: logID.map { redaction.text($0, atMost: messageMax) },
      wait: WaitAsked.read(raw.headers, received: received),
      objections: String(decoding: raw.body.prefix(objectionBytesMax), as: UTF8.self))
  }

  /// A message is kept with the call, and with each lane and ask it ends.
  private static let messageMax = 300

  /// Enough for a message and its list of violations.
  private static let objectionBytesMax = 64 * 1_024
}
