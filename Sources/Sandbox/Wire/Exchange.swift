/// One request, with all that arrived up to its last byte.
struct Request {
  var method = "POST"
  /// As it was sent, including what follows a question mark.
  var target: String
  var authorization: String?
  /// Bytes of the request line and all headers.
  var headSize = 0
  static let headMax = 32 * 1_024
  /// The headers that the record shows.
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []
  var isTooLarge = false
  var logID: String

  var isHeadTooLarge: Bool { headSize > Self.headMax }

  var path: String { String(target.prefix { $0 != "?" }) }

  /// What follows `Bearer` in the Authorization header.
  var accessToken: String? {
    let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1].drop { $0 == " " })
  }
}

/// What a request asked for; nil if its body cannot be read.
enum Asked: Equatable {
  case accessToken(Credentials?)
  case oauth(ClientCredentials?)
  case store(StoreRequest?)
  case previews(PreviewUpdate?)
  case card(String, CardUpdate?)
  case session(String, SessionUpdate?)

  init(_ route: Route, _ request: Request) {
    let body = request.body
    switch route.endpoint {
    case .accessToken: self = .accessToken(Credentials(body: body))
    case .oauth: self = .oauth(ClientCredentials(request))
    case .appToken, .tenantToken, .ticket: self = .store(StoreRequest(body: body))
    case .previews: self = .previews(PreviewUpdate(body: body))
    case .cards: self = .card(route.id, CardUpdate(body: body))
    case .sessions: self = .session(route.id, SessionUpdate(body: body))
    }
  }
}

/// The answer to a client.
struct Answer: Equatable {
  var status: Int
  /// The code in the body; nil if the body is not Feishu's.
  var code: Int?
  var body: String
  var contentType = "application/json; charset=utf-8"
  var headers: [String: String] = [:]

  /// The body of a success without data.
  static let success = JSONText.object([
    "code": "0", "msg": JSONText.string("success"), "data": "{}",
  ])

  /// An HTML page as a proxy in front of Feishu writes it.
  static func page(_ status: Int, _ title: String) -> Answer {
    let body = """
      <html>
      <head><title>\(status) \(title)</title></head>
      <body><center><h1>\(status) \(title)</h1></center><hr><center>sandbox</center></body>
      </html>

      """
    return Answer(status: status, code: nil, body: body, contentType: "text/html")
  }
}

/// The outcome of a request, in one word for the record.
enum Verdict: String {
  case ok
  /// A token came again before its interval had passed.
  case tooEarly = "too_early"
  /// More calls in a second or a minute than the app may make.
  case limited
  /// More operations in a second than a card allows.
  case cardLimited = "card_limited"
  /// A batch whose sequence is not above the card's last.
  case staleSequence = "stale_sequence"
  /// A batch with a uuid that the card has seen.
  case uuidConflict = "uuid_conflict"
  /// The same batch again, answered with success; nothing changed.
  case replayed
  /// A card or a session that does not exist.
  case missing
  /// A card older than 14 days.
  case expired
  /// The body is not JSON of the right form, or lists too few or too many.
  case invalid
  /// A preview token or an open_id that is malformed.
  case malformed
  case noAccessToken = "no_access_token"
  case badAccessToken = "bad_access_token"
  case badCredentials = "bad_credentials"
  /// The ticket of a store app is not the newest.
  case badTicket = "bad_ticket"
  /// The tenant has not installed the store app, or no longer.
  case notInstalled = "not_installed"
  case unknownPath = "unknown_path"
  case wrongMethod = "wrong_method"
  /// The headers or the body are longer than in any valid request.
  case tooLarge = "too_large"
  /// Decided by a fault, not by a rule. The record names the fault.
  case fault
}

/// Everything the rules decide about a request.
struct Judgement: Equatable {
  enum Delivery { case whole, cut, slow, closed, never }

  var verdict = Verdict.ok
  var answer = Answer(status: 200, code: 0, body: "")
  var delivery = Delivery.whole
  /// How long the answer is held back. The request took effect on arrival all the same.
  var delay: Microseconds = 0
  /// The fault that changed this exchange, if one did.
  var fault: Fault?
  var applied = false
  var app: String?
  var asked: Asked?
  /// The tokens of the call that came too early.
  var early: [String] = []

  mutating func refuse(_ refusal: Refusal) {
    verdict = refusal.verdict
    answer = refusal.answer
    fault = refusal.fault
    if refusal.isSilent { delivery = .closed }
  }

  /// The status and the code that the client sees.
  var seen: (status: Int?, code: Int?) {
    switch delivery {
    case .whole, .slow: (answer.status, answer.code)
    case .cut: (answer.status, nil)
    case .closed, .never: (nil, nil)
    }
  }
}

extension Judgement {
  /// The tokens that a call which took effect has refreshed. One that is listed twice is early the
  /// second time, but was refreshed the first time.
  var refreshedTokens: [String] {
    guard applied, case .previews(let update?) = asked else { return [] }
    return early.reduce(into: update.previewTokens) { rest, token in
      if let index = rest.lastIndex(of: token) { rest.remove(at: index) }
    }
  }
}

/// A rule's refusal, thrown by the rule and added to the judgement in one place.
struct Refusal: Error {
  var verdict: Verdict
  var answer: Answer
  var fault: Fault?
  var isSilent = false
}

extension Refusal {
  /// A refusal in the form of OAuth.
  static func oauth(_ verdict: Verdict, _ request: Request, code: Int, _ error: String) -> Refusal {
    let body = JSONText.object([
      "code": String(code), "error": JSONText.string(error),
      "error_description": JSONText.string("\(error): see the code"),
    ])
    return Refusal(verdict: verdict, answer: Answer(status: 400, code: code, body: body))
  }

  /// A refusal in Feishu's own form.
  init(
    _ verdict: Verdict, _ request: Request, status: Int = 400, code: Int, _ message: String,
    headers: [String: String] = [:], fault: Fault? = nil
  ) {
    let body = JSONText.object([
      "code": String(code), "msg": JSONText.string(message),
      "error": JSONText.object(["log_id": JSONText.string(request.logID)]),
    ])
    let answer = Answer(status: status, code: code, body: body, headers: headers)
    self.init(verdict: verdict, answer: answer, fault: fault)
  }
}
