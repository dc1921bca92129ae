/// Feishu, written from its documentation alone: it shares nothing with the program under test. It
/// does what it is asked at once; the network decides how long a call takes.
final class Feishu {
  private let habits: ServerHabits
  private var accessTokens: [String: (name: String, until: Int)] = [:]
  private var made = 0
  /// Of the one store app that there may be. A new one makes the one before invalid.
  private(set) var ticket = "ticket-1"
  private var appToken: (name: String, until: Int)?
  /// Accounts of tenants that have removed the app.
  var absent: Set<String> = []
  private(set) var cards: [String: CardState] = [:]
  private(set) var sessions: [String: [String: String]] = [:]

  struct CardState {
    /// Elements in the order in which they were deleted.
    var applied: [String] = []
    var sequence = 0
    var uuids: Set<String> = []
  }

  init(_ habits: ServerHabits) { self.habits = habits }

  func answer(_ called: Called, at now: Int) -> Answered {
    if let login = called.login { return answer(login, called, at: now) }
    let isKnown =
      accessTokens[called.account].map { $0.name == called.bearer && now < $0.until } ?? false
    if !isKnown && !older(called.bearer, at: now) {
      return Answered(status: 400, body: #"{"code":99991663,"msg":"invalid access token"}"#)
    }
    switch called.api {
    case .auth, .preview: return refresh(called)
    case .card: return batch(called)
    case .session: return write(called)
    }
  }

  static let success = #"{"code":0,"msg":"success","data":{}}"#

  func makeTicket() {
    made += 1
    ticket = "ticket-\(made)"
  }

  private func answer(_ login: Called.Login, _ called: Called, at now: Int) -> Answered {
    switch login {
    case .own: return accessToken(of: called.account, at: now)
    case .resend: return Answered(status: 200, body: #"{"code":0,"msg":"ok"}"#, wasApplied: true)
    case .app:
      guard called.fields["app_ticket"] as? String == ticket else {
        return Answered(status: 400, body: #"{"code":10012,"msg":"app_ticket invalid"}"#)
      }
      made += 1
      let token = "a-\(made)"
      appToken = (token, now + 7_200_000)
      return Answered(
        status: 200, body: #"{"code":0,"msg":"ok","app_access_token":"\#(token)","expire":7200}"#,
        wasApplied: true)
    case .tenant:
      guard let appToken, now < appToken.until,
        called.fields["app_access_token"] as? String == appToken.name
      else {
        return Answered(status: 400, body: #"{"code":99991664,"msg":"invalid app access token"}"#)
      }
      if absent.contains(called.account) {
        return Answered(status: 400, body: #"{"code":20009,"msg":"not installed"}"#)
      }
      return accessToken(of: called.account, at: now)
    }
  }

  /// Returns the same token while it is valid for at least half an hour. Older tokens stay valid
  /// until they expire.
  private func accessToken(of account: String, at now: Int) -> Answered {
    if accessTokens[account].map({ $0.until - now < 1_800_000 }) ?? true {
      made += 1
      accessTokens[account] = ("t-\(made)-\(now + 7_200_000)", now + 7_200_000)
    }
    let token = accessTokens[account] ?? ("", 0)
    let expire = (token.until - now) / 1_000
    let text = #""tenant_access_token":"\#(token.name)","expire":\#(expire)"#
    return Answered(
      status: 200, body: #"{"code":0,"msg":"ok",\#(text)}"#, wasApplied: true)
  }

  private func older(_ bearer: String, at now: Int) -> Bool {
    bearer.split(separator: "-").last.flatMap { Int($0) }.map { now < $0 } ?? false
  }

  /// One malformed token or open_id has the whole call refused.
  private func refresh(_ called: Called) -> Answered {
    let isBad =
      called.lanes.contains { $0.hasPrefix("bad") }
      || (called.people ?? []).contains { $0.hasPrefix("ou_bad") }
    return isBad
      ? Answered(status: 400, body: #"{"code":230001,"msg":"param is invalid"}"#)
      : Answered(status: 200, body: Self.success, wasApplied: true)
  }

  private func batch(_ called: Called) -> Answered {
    let elements = called.elements
    guard let sequence = called.fields["sequence"] as? Int, !elements.isEmpty else {
      return Answered(status: 400, body: #"{"code":10002,"msg":"bad parameter"}"#)
    }
    var card = cards[called.lanes[0]] ?? CardState()
    let uuid = called.fields["uuid"] as? String ?? ""
    let conflict = Answered(status: 400, body: #"{"code":200770,"msg":"UUID conflict"}"#)
    let isKnown = card.uuids.contains(uuid)
    if habits.looksAtUUIDFirst && isKnown { return conflict }
    if sequence <= card.sequence {
      return Answered(
        status: 400, body: #"{"code":300317,"msg":"sequence number compare failed"}"#)
    }
    if isKnown { return conflict }
    let isBad = elements.contains { $0.hasPrefix("bad") }
    if !isBad || habits.refusalsCount {
      card.sequence = sequence
      card.uuids.insert(uuid)
    }
    if !isBad { card.applied += elements }
    cards[called.lanes[0]] = card
    return isBad
      ? Answered(status: 400, body: #"{"code":300314,"msg":"delete failed"}"#)
      : Answered(status: 200, body: Self.success, wasApplied: true)
  }

  private func write(_ called: Called) -> Answered {
    let name = called.lanes[0]
    var session = sessions[name] ?? [:]
    if habits.clearsOmittedFields { session = ["channel_context": "", "metadata": ""] }
    for (field, value) in called.fields { session[field] = value as? String }
    sessions[name] = session
    let fields = session.sorted { $0.key < $1.key }
      .map { #","\#($0.key)":"\#($0.value)""# }.joined()
    return Answered(
      status: 200, body: #"{"code":0,"data":{"session":{"id":"\#(name)"\#(fields)}}}"#,
      wasApplied: true)
  }
}
