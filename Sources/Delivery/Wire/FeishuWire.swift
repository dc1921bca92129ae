import FoundationEssentials
import Larkspur
import Planning
import Terminal

/// Requests as Feishu documents them, and its answers reduced to what a verdict needs. Pure.
package enum FeishuWire {
  /// POST /open-apis/im/v2/url_previews/batch_update. Leaving `open_ids` out means everyone; an
  /// empty list is never sent, because nobody has documented what it means.
  package static func refreshPreviews(
    host: String, tokens: [String], audience: Audience, bearer: String
  ) -> Request {
    precondition(!tokens.isEmpty && tokens.count <= Limits.tokensPerCall)
    precondition(!audience.isEmpty && audience.count ?? 1 <= Limits.peoplePerCall)
    // By hand: it is made within the transaction that claims, where Foundation's encoder would take as
    // long as a tenth of all statements together.
    var body = "{"
    if case .people(let people) = audience { body += "\"open_ids\":\(JSONText.list(people))," }
    body += "\"preview_tokens\":\(JSONText.list(tokens))}"
    return Request(
      url: host + "/open-apis/im/v2/url_previews/batch_update", body: Array(body.utf8),
      bearer: bearer)
  }

  /// The body of a parcel, which is kept and repeated as it is: its fields, in the order of their
  /// names. A card's actions are JSON as a string in JSON.
  package static func body(of parcel: Parcel) -> String {
    String(decoding: encode(parcel.fields.mapValues(WireValue.init)), as: UTF8.self)
  }

  /// POST /open-apis/cardkit/v1/cards/:card_id/batch_update.
  package static func updateCard(
    host: String, card: String, body: String, bearer: String
  ) -> Request {
    Request(
      url: "\(host)/open-apis/cardkit/v1/cards/\(percentEncoded(card))/batch_update",
      body: Array(body.utf8), bearer: bearer)
  }

  /// PUT /open-apis/aily/v1/sessions/:aily_session_id.
  package static func updateSession(
    host: String, session: String, body: String, bearer: String
  ) -> Request {
    Request(
      .put, url: "\(host)/open-apis/aily/v1/sessions/\(percentEncoded(session))",
      body: Array(body.utf8), bearer: bearer)
  }

  /// The request of a call, whatever its kind.
  package static func request(
    _ kind: Kind, host: String, lanes: [String], load: Load, bearer: String
  ) -> Request {
    switch (kind, load) {
    case (.card, .body(let body)):
      updateCard(host: host, card: lanes[0], body: body, bearer: bearer)
    case (.session, .body(let body)):
      updateSession(host: host, session: lanes[0], body: body, bearer: bearer)
    case (.preview, .audience(let audience)):
      refreshPreviews(host: host, tokens: lanes, audience: audience, bearer: bearer)
    default: preconditionFailure("a \(kind) was loaded with what is of another kind")
    }
  }

  /// What a call carries besides the names of its lanes.
  package enum Load {
    case audience(Audience)
    case body(String)
  }

  /// A lane's name in a path: everything but letters, digits and `-._~` as its bytes.
  private static func percentEncoded(_ name: String) -> String {
    name.utf8.map { byte in
      switch UnicodeScalar(byte) {
      case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }.joined()
  }

  /// What an answer says its lane now is, as JSON text; nil where it says nothing of it.
  package static func result(
    of kind: Kind, in outcome: Outcome, _ redaction: Redaction
  ) -> String? {
    guard kind == .session, case .answered(let raw) = outcome,
      let session = JSON(raw.body)?["data"]?["session"], case .object = session
    else { return nil }
    return printableJSON(String(decoding: encode(redaction.json(session)), as: UTF8.self))
  }

  /// The secret in an answer to a request for an access token, whatever else it says.
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
      body: encode(TokenBody(app_id: appID, app_secret: secret)))
  }

  /// The access token in an answer, and how long it lives.
  package static func accessToken(in answer: RawAnswer) -> (value: String, lives: Span)? {
    guard let body = JSON(answer.body), let value = body["tenant_access_token"]?.string,
      isWord(value), let seconds = body["expire"]?.int, seconds > 0
    else { return nil }
    return (value, .seconds(min(seconds, 7_200)))
  }

  /// Whether it can be part of a header line: anything but visible ASCII would break that.
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

  private static func encode(_ body: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    guard let data = try? encoder.encode(body) else {
      preconditionFailure("strings and lists of strings always encode")
    }
    return [UInt8](data)
  }
}

/// A field of a parcel.
private enum WireValue: Encodable {
  case text(String)
  case number(Int)

  init(_ field: Field) {
    switch field {
    case .text(let text), .json(let text): self = .text(text)
    case .number(let number): self = .number(number)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    }
  }
}

// Names as they are on the wire.
private struct TokenBody: Encodable {
  let app_id: String
  let app_secret: String
}
