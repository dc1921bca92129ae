import Delivery
import Foundation

/// Feishu's documented rules for previews, written from the documentation alone. It shares nothing
/// with the program under test.
final class SimulatedFeishu {
  struct Arrival {
    let at: Int
    let tokens: [String]
    /// nil for everyone.
    let people: [String]?
    let wasApplied: Bool
  }

  private(set) var arrivals: [Arrival] = []
  private(set) var tokenRequests = 0
  /// Broken rules.
  private(set) var violations: [String] = []

  var latency_ms = 20
  var callsPerSecond = 5
  var badTokens: Set<String> = []
  var badPeople: Set<String> = []
  /// Checked before the rules: what happens to this call instead.
  var fault: (_ call: Int, _ at: Int) -> Fault? = { _, _ in nil }
  /// What happens to calls that carry this token.
  var tokenFaults: [String: Fault] = [:]
  var tokenAnswer: ((_ request: Int, _ at: Int) -> Outcome)?

  enum Fault {
    /// Answered like this and not carried out.
    case answer(Int, String, headers: [String: String] = [:])
    /// Carried out and never answered.
    case lost
    /// Carried out, and the connection breaks before the answer.
    case broken
    case neverLeft(String)
    /// Answered after this long and carried out.
    case slow(Int)
  }

  let cards = SimulatedCards()
  /// Which access tokens are valid, and which ones calls were made with.
  var accepts: (_ token: String) -> Bool = { _ in true }
  private(set) var bearers: [String] = []

  private var lastArrival: [String: Int] = [:]
  private var callMoments: [Int] = []
  private var calls = 0

  /// Answers of OAuth v3, by the number of the request.
  var oauthAnswer: ((_ request: Int) -> Outcome)?
  private(set) var oauthRequests: [Request] = []

  /// Of a store app, if there is one. Then calls must be made with a tenant's token.
  var store: SimulatedStore?
  /// By tenant.
  private(set) var carried: [String: [String]] = [:]

  func respond(to request: Request, at now: Int) -> SimulatedWorld.Response {
    if let answer = store?.respond(to: request, at: now) {
      return .init(latency_ms: latency_ms, outcome: answer)
    }
    if request.url.hasSuffix("/oauth/v3/token") {
      oauthRequests.append(request)
      if let answer = oauthAnswer?(oauthRequests.count) {
        return .init(latency_ms: latency_ms, outcome: answer)
      }
      return json(200, #"{"code":0,"access_token":"eyJ.1","expires_in":7200}"#)
    }
    if request.url.hasSuffix("/auth/v3/tenant_access_token/internal") {
      tokenRequests += 1
      if let answer = tokenAnswer?(tokenRequests, now) {
        return .init(latency_ms: latency_ms, outcome: answer)
      }
      return json(200, #"{"code":0,"msg":"ok","tenant_access_token":"t-1","expire":7200}"#)
    }
    calls += 1
    bearers.append(request.bearer ?? "")
    let tenant = store?.tenant(of: request.bearer ?? "", at: now)
    // A store app may have been a self-built one, which got a token of its own.
    let isStrange = store != nil && tenant == nil && (tokenRequests == 0 || request.bearer != "t-1")
    if !accepts(request.bearer ?? "") || isStrange {
      return json(400, #"{"code":99991668,"msg":"Invalid access token"}"#)
    }
    if !request.url.hasSuffix("/url_previews/batch_update") { return other(request, at: now) }
    let body = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
    let tokens = body?["preview_tokens"] as? [String] ?? []
    let people = body?["open_ids"] as? [String]
    if let tenant { carried[tenant, default: []] += tokens }
    var latency = latency_ms
    switch fault(calls, now) ?? tokens.compactMap({ tokenFaults[$0] }).first {
    case .neverLeft(let why): return .init(outcome: .neverLeft(why))
    case .answer(let status, let text, let headers):
      arrive(tokens, people, at: now, isApplied: false)
      return json(status, text, headers: headers)
    case .broken:
      arrive(tokens, people, at: now, isApplied: true)
      return .init(latency_ms: latency_ms, outcome: .noAnswer("the connection broke"))
    case .lost:
      arrive(tokens, people, at: now, isApplied: true)
      return .init(latency_ms: 9_000, outcome: .noAnswer("timed out"))
    case .slow(let span): latency = span
    case nil: break
    }
    check(tokens, people)
    let isBad =
      tokens.contains(where: badTokens.contains)
      || people?.contains(where: badPeople.contains) ?? false
    arrive(tokens, people, at: now, isApplied: !isBad)
    if isBad { return json(400, #"{"code":230001,"msg":"param is invalid"}"#, latency: latency) }
    return json(200, #"{"code":0,"msg":"success","data":{}}"#, latency: latency)
  }

  private func other(_ request: Request, at now: Int) -> SimulatedWorld.Response {
    var latency = latency_ms
    let fault = fault(calls, now)
    switch fault {
    case .neverLeft(let why): return .init(outcome: .neverLeft(why))
    case .answer(let status, let text, let headers): return json(status, text, headers: headers)
    case .slow(let span): latency = span
    case .lost, .broken, nil: break
    }
    guard let (status, text) = cards.answer(request, at: now) else {
      return json(404, #"{"code":99991201,"msg":"not found"}"#)
    }
    switch fault {
    case .lost, .broken:
      return .init(latency_ms: latency_ms, outcome: .noAnswer("the connection was closed"))
    default: return json(status, text, latency: latency)
    }
  }

  private func check(_ tokens: [String], _ people: [String]?) {
    if tokens.isEmpty || tokens.count > 10 { violations.append("\(tokens.count) tokens") }
    if let people, people.isEmpty || people.count > 100 {
      violations.append("\(people.count) people")
    }
    if Set(tokens).count != tokens.count { violations.append("a token twice in a call") }
  }

  private func arrive(_ tokens: [String], _ people: [String]?, at now: Int, isApplied: Bool) {
    for token in tokens {
      if let last = lastArrival[token], now - last < 5_000 {
        violations.append("\(token) after \(now - last) ms")
      }
      lastArrival[token] = now
    }
    callMoments = callMoments.filter { $0 > now - 1_000 } + [now]
    if callMoments.count > callsPerSecond {
      violations.append("\(callMoments.count) calls in a second")
    }
    arrivals.append(Arrival(at: now, tokens: tokens, people: people, wasApplied: isApplied))
  }

  private func json(
    _ status: Int, _ text: String, headers: [String: String] = [:], latency: Int? = nil
  ) -> SimulatedWorld.Response {
    .init(
      latency_ms: latency ?? latency_ms,
      outcome: .answered(RawAnswer(status: status, headers: headers, body: Array(text.utf8))))
  }
}
