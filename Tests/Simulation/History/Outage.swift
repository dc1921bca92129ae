/// For a while, part of the server refuses every call it is sent.
struct Outage {
  var saying: Refusal
  /// The affected account; nil for all.
  var account: String?
  /// The affected API; nil for previews, cards and sessions.
  var api: Called.API?
  /// If set, only calls with this lane are refused.
  var lane: String?
  /// Requests for access tokens are refused as well.
  var includesAuth = false
  var permille = 1_000
  var milliseconds: Int

  func concerns(_ called: Called) -> Bool {
    if let account, account != called.account { return false }
    if let lane, !called.lanes.contains(lane) { return false }
    if called.api == .auth { return includesAuth }
    return api.map { $0 == called.api } ?? true
  }
}

/// What a server answers instead of doing what it was asked.
struct Refusal {
  var status: Int
  /// The code in a JSON body; nil for a page.
  var code: Int?
  var headers: [String: String] = [:]

  /// Says that there were too many calls, and nothing about this call.
  var isLimit: Bool { status == 429 || code == 99_991_400 }

  var answer: Answered {
    let body = code.map { #"{"code":\#($0),"msg":"refused"}"# } ?? "<html><body>no</body></html>"
    return Answered(status: status, headers: headers, body: body)
  }

  /// The month's calls are used up. Previews and cards share them.
  static let spent = Refusal(status: 403, code: 99_991_403)

  /// Answers that any API may give.
  static let anywhere: [Refusal] = [
    Refusal(status: 500, code: 2_200), Refusal(status: 503, code: 1_663),
    Refusal(status: 500, code: 5_000), Refusal(status: 500), Refusal(status: 503),
    Refusal(status: 200, code: 7_654_321), Refusal(status: 400, code: 7_654_321),
    Refusal(status: 404, code: 404), Refusal(status: 418, code: 1),
    Refusal(status: 404), Refusal(status: 302, headers: ["location": "https://elsewhere.test/"]),
    Refusal(status: 200), Refusal(status: 400, code: 2_200),
    Refusal(status: 429, code: 99_991_400),
  ]

  static func ofContent(_ api: Called.API) -> [Refusal] {
    let codes =
      switch api {
      case .auth: [99_992_402]
      case .preview: [230_001, 230_001, 230_001, 99_992_402]
      case .card: [10_002, 300_314, 200_740, 200_220, 300_301, 200_860, 99_992_402]
      case .session: [2_700_001, 99_992_402]
      }
    return codes.map { Refusal(status: 400, code: $0) }
  }
}

extension Outage: CustomStringConvertible {
  var description: String {
    let place = [account, api?.rawValue, lane].compactMap { $0 }.joined(separator: " ")
    let what = saying.code.map { "\($0)" } ?? "a page"
    let share = permille == 1_000 ? "" : "\(permille) ‰ of "
    return "\(share)\(place.isEmpty ? "everything" : place)\(includesAuth ? " and tokens" : "")"
      + " refused with \(saying.status) and \(what) for \(milliseconds) ms"
  }
}
