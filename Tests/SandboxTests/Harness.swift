@testable import Sandbox

let second: Microseconds = 1_000_000

/// The rules with an app that has logged in, and a clock that the test sets.
struct Feishu {
  var rules: Rules
  private(set) var accessToken = ""

  init(
    _ settings: RuleSettings = RuleSettings(), faults: FaultSettings = FaultSettings(),
    app: String = "cli_sandbox", secret: String = "sandbox"
  ) {
    rules = Rules(settings, faults: faults, instance: "run")
    accessToken = login(app, secret, at: 0).token ?? ""
  }

  mutating func login(
    _ app: String = "cli_sandbox", _ secret: String = "sandbox", at now: Microseconds
  ) -> (judgement: Judgement, token: String?) {
    let body = #"{"app_id":"\#(app)","app_secret":"\#(secret)"}"#
    let judgement = judge(path: Path.accessToken, body: body, at: now)
    let words = judgement.answer.body.split(separator: "\"")
    let token = words.firstIndex(of: "tenant_access_token").map { String(words[$0 + 2]) }
    return (judgement, token)
  }

  mutating func update(
    _ tokens: [String], openIDs: [String]? = nil, as accessToken: String? = nil,
    at now: Microseconds
  ) -> Judgement {
    var body = #"{"preview_tokens":\#(JSONText.array(tokens))"#
    if let openIDs { body += #","open_ids":\#(JSONText.array(openIDs))"# }
    return post(body + "}", as: accessToken, at: now)
  }

  /// A call to the preview endpoint with this body.
  mutating func post(
    _ body: String, as accessToken: String? = nil, at now: Microseconds
  ) -> Judgement {
    let authorization = "Bearer \(accessToken ?? self.accessToken)"
    return judge(path: Path.previews, authorization: authorization, body: body, at: now)
  }

  mutating func batch(
    _ card: String, _ sequence: Int, uuid: String? = nil, actions: String = goodActions,
    at now: Microseconds
  ) -> Judgement {
    var body = #"{"sequence":\#(sequence),"actions":\#(JSONText.string(actions))"#
    if let uuid { body += #","uuid":\#(JSONText.string(uuid))"# }
    return judge(
      path: Path.card(card), authorization: "Bearer \(accessToken)", body: body + "}", at: now)
  }

  mutating func write(
    _ session: String, _ fields: KeyValuePairs<String, String>, as accessToken: String? = nil,
    at now: Microseconds
  ) -> Judgement {
    let body = fields.map { "\(JSONText.string($0.key)):\(JSONText.string($0.value))" }
    return judge(
      "PUT", path: Path.session(session),
      authorization: "Bearer \(accessToken ?? self.accessToken)",
      body: "{\(body.joined(separator: ","))}", at: now)
  }

  mutating func judge(
    _ method: String = "POST", path: String, authorization: String? = nil, body: String = "",
    at now: Microseconds = 0
  ) -> Judgement {
    let request = Request(
      method: method, target: path, authorization: authorization, body: Array(body.utf8),
      logID: "log-1")
    return rules.judge(request, at: now)
  }
}

let goodActions = #"[{"action":"delete_elements","params":{"element_ids":["md_1"]}}]"#

enum Path {
  static let accessToken = "/open-apis/auth/v3/tenant_access_token/internal"
  static let previews = "/open-apis/im/v2/url_previews/batch_update"

  static func card(_ id: String) -> String { "/open-apis/cardkit/v1/cards/\(id)/batch_update" }
  static func session(_ id: String) -> String { "/open-apis/aily/v1/sessions/\(id)" }
}

extension Judgement {
  /// The preview update that was asked for.
  var update: PreviewUpdate? {
    if case .previews(let update) = asked { update } else { nil }
  }

  /// Status, code and verdict in one line.
  var summary: String {
    "\(answer.status) \(answer.code.map(String.init) ?? "-") \(verdict.rawValue)"
  }
}
