import FoundationEssentials
import Planning

/// Requests as Feishu documents them, and its answers reduced to what a verdict needs. Pure.
package enum FeishuWire {
  /// POST /open-apis/im/v2/url_previews/batch_update. Leaving `open_ids` out means everyone; an
  /// empty list is never sent, because nobody has documented what it means.
  package static func refreshPreviews(
    host: String, tokens: [String], audience: Audience, bearer: String
  ) -> Request {
    precondition(!tokens.isEmpty && tokens.count <= Limits.tokensPerCall)
    precondition(!audience.isEmpty && audience.count ?? 1 <= Limits.peoplePerCall)
    var openIDs: [String]?
    if case .people(let people) = audience { openIDs = people }
    let body = RefreshBody(preview_tokens: tokens, open_ids: openIDs)
    return Request(
      url: host + "/open-apis/im/v2/url_previews/batch_update", body: encode(body),
      bearer: bearer)
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
      !value.isEmpty, let seconds = body["expire"]?.int, seconds > 0
    else { return nil }
    return (value, .seconds(min(seconds, 7_200)))
  }

  /// Codes arrive with any HTTP status, so the body is read whatever the status is.
  package static func read(_ outcome: Outcome) -> Answer {
    switch outcome {
    case .neverLeft(let why): .neverLeft(why)
    case .noAnswer(let why): .noAnswer(why)
    case .answered(let raw): .reply(read(raw))
    }
  }

  private static func read(_ raw: RawAnswer) -> Reply {
    let body = JSON(raw.body)
    let error = body?["error"]
    let logID =
      raw.headers["x-tt-logid"] ?? body?["log_id"]?.string ?? error?["log_id"]?.string
      ?? raw.headers["x-request-id"]
    return Reply(
      status: raw.status,
      code: body?["code"]?.int,
      message: String((body?["msg"]?.string ?? "").prefix(messageMax)),
      logID: logID,
      wait: waitAsked(raw.headers),
      objections: String(decoding: raw.body.prefix(objectionBytesMax), as: UTF8.self))
  }

  /// A message is kept with the call, and with each lane and ask it ends.
  private static let messageMax = 300

  /// Enough for a message and its list of violations.
  private static let objectionBytesMax = 64 * 1_024

  /// `x-ogw-ratelimit-reset` first, then the `Retry-After` that is not documented but may come from
  /// a gateway: whole seconds, more than none. A day is the most that is believed.
  private static func waitAsked(_ headers: [String: String]) -> Span? {
    for name in ["x-ogw-ratelimit-reset", "retry-after"] {
      if let seconds = headers[name].flatMap(Int.init), seconds > 0 {
        return .seconds(min(seconds, 86_400))
      }
    }
    return nil
  }

  private static func encode(_ body: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    guard let data = try? encoder.encode(body) else {
      preconditionFailure("strings and lists of strings always encode")
    }
    return [UInt8](data)
  }
}

// Names as they are on the wire. A value that is nil is left out.
private struct RefreshBody: Encodable {
  let preview_tokens: [String]
  let open_ids: [String]?
}

private struct TokenBody: Encodable {
  let app_id: String
  let app_secret: String
}
