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
      message: redaction.text(message(in: body), atMost: messageMax),
      logID: logID.map { redaction.text($0, atMost: messageMax) },
      wait: WaitAsked.read(raw.headers, received: received),
      objections: String(decoding: raw.body.prefix(objectionBytesMax), as: UTF8.self))
  }

  /// OAuth has words of its own.
  private static func message(in body: JSON?) -> String {
    body?["msg"]?.string ?? body?["error_description"]?.string ?? body?["error"]?.string ?? ""
  }

  /// A message is kept with the call, and with each lane and ask it ends.
  private static let messageMax = 300

  /// Enough for a message and its list of violations.
  private static let objectionBytesMax = 64 * 1_024
}
