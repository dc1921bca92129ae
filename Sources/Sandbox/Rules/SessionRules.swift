/// The rules of `sessions/:aily_session_id`. A session exists from the first update that names it,
/// unless its id has the prefix of missing sessions.
struct SessionRules {
  private struct Name: Hashable {
    var app: String
    var session: String
  }

  private struct Session {
    var created: Microseconds
    var modified: Microseconds
    var channelContext = ""
    var metadata = ""
  }

  private static let fieldMax = 255
  private static let idTail = 1...24

  private let settings: RuleSettings
  /// The reading of the sandbox's clock at the start of 1970 UTC.
  private let epoch: Microseconds
  private var sessions: [Name: Session] = [:]

  init(_ settings: RuleSettings, epoch: Microseconds) {
    self.settings = settings
    self.epoch = epoch
  }

  mutating func update(
    _ id: String, _ update: SessionUpdate?, _ request: Request, of app: String,
    at now: Microseconds, _ judgement: inout Judgement
  ) throws(Refusal) {
    let update = try validate(id, update, request)
    let name = Name(app: app, session: id)
    var session = sessions[name] ?? Session(created: now, modified: now)
    write(update.channelContext, to: &session.channelContext)
    write(update.metadata, to: &session.metadata)
    session.modified = now
    sessions[name] = session
    judgement.applied = true
    judgement.answer.body = JSONText.object([
      "code": "0", "msg": JSONText.string("success"),
      "data": JSONText.object(["session": text(id, session, app)]),
    ])
  }

  private func write(_ new: String?, to field: inout String) {
    if let new { field = new } else if settings.omittedField == .clear { field = "" }
  }

  private func validate(
    _ id: String, _ update: SessionUpdate?, _ request: Request
  ) throws(Refusal) -> SessionUpdate {
    guard let update else {
      throw Self.invalid(request, "the body is not a JSON object of strings")
    }
    if !Self.isWellFormed(id) { throw Self.invalid(request, "'\(id)' is not a session id") }
    for (name, value) in [
      ("channel_context", update.channelContext), ("metadata", update.metadata),
    ] {
      let length = value.map(settings.characters.count) ?? 0
      if length > Self.fieldMax {
        throw Self.invalid(
          request, "\(name) has \(length) characters; it may have at most \(Self.fieldMax)")
      }
    }
    if id.isMarked(by: settings.missingSessionPrefix) {
      let answer = settings.missingSessionAnswer
      throw Refusal(
        .missing, request, status: answer.status, code: answer.code,
        "param is invalid: session '\(id)' does not exist")
    }
    return update
  }

  /// `session_` and 1 to 24 digits and lower-case letters, except i, l and o, which look like
  /// digits.
  private static func isWellFormed(_ id: String) -> Bool {
    let prefix = "session_"
    guard id.hasPrefix(prefix) else { return false }
    let tail = id.utf8.dropFirst(prefix.utf8.count)
    return idTail.contains(tail.count)
      && tail.allSatisfy { byte in
        switch UnicodeScalar(byte) {
        case "0"..."9": true
        case "i", "l", "o": false
        case "a"..."z": true
        default: false
        }
      }
  }

  private func text(_ id: String, _ session: Session, _ app: String) -> String {
    let milliseconds = { (moment: Microseconds) in
      JSONText.string(String((moment - epoch) / 1_000))
    }
    return JSONText.object([
      "id": JSONText.string(id),
      "created_at": milliseconds(session.created),
      "modified_at": milliseconds(session.modified),
      "created_by": JSONText.string(app),
      "channel_context": JSONText.string(session.channelContext),
      "metadata": JSONText.string(session.metadata),
    ])
  }

  private static func invalid(_ request: Request, _ reason: String) -> Refusal {
    Refusal(.invalid, request, code: 2_700_001, "param is invalid: \(reason)")
  }
}
