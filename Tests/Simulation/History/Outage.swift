/// For a while, what is asked of a part of the server is refused, whatever it is.
struct Outage {
  var saying: Refusal
  /// Where; nil for all of them.
  var account: String?
  /// Nil for previews, cards and sessions.
  var api: Called.API?
  /// Only what carries this lane.
  var lane: String?
  /// Access tokens are refused as well.
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

  /// Too many calls, and nothing about this one.
  var isLimit: Bool { status == 429 || code == 99_991_400 }

  var answer: Answered {
    let body = code.map { #"{"code":\#($0),"msg":"refused"}"# } ?? "<html><body>no</body></html>"
    return Answered(status: status, headers: headers, body: body)
  }

  /// The month's calls, of previews and cards together.
  static let spent = Refusal(status: 403, code: 99_991_403)

  /// What any API may say, and what one of them says of what was in the call.
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
