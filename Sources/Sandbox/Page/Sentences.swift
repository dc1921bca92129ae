import Terminal

/// A refusal or a fault as a sentence for a user who has not read Feishu's documentation.
extension Trouble {
  var sentence: String {
    // A fault that decided the call explains it fully. One that hid the answer comes after the
    // decision.
    guard let fault else { return verdict.sentence(isAccepted: isAccepted) }
    if verdict == .fault || verdict == .ok { return fault.sentence }
    return "\(verdict.sentence(isAccepted: isAccepted)) \(fault.sentence)"
  }

  /// The word the record uses.
  var word: String {
    verdict == .ok || verdict == .fault ? fault?.rawValue ?? verdict.rawValue : verdict.rawValue
  }
}

extension Verdict {
  fileprivate func sentence(isAccepted: Bool) -> String {
    switch self {
    case .ok: "Accepted."
    case .tooEarly:
      isAccepted
        ? "Previews updated less than 5 s ago were ignored; the others took effect."
        : "A preview was updated less than 5 s ago."
    case .limited: "The app exceeded its rate limit."
    case .cardLimited: "The card was changed too often within a second."
    case .staleSequence: "The sequence was not higher than the card’s last one."
    case .uuidConflict: "The card has seen this uuid before."
    case .replayed: "The same batch as before: accepted without a change."
    case .missing: "The card or session does not exist."
    case .expired: "The card is older than 14 days."
    case .invalid: "The body was malformed, or listed too few or too many items."
    case .malformed: "A preview token or an open_id is malformed; the whole call was refused."
    case .noAccessToken: "The call had no access token."
    case .badAccessToken: "The access token is unknown or has expired."
    case .badCredentials: "The app id and secret do not match."
    case .badTicket: "The ticket of the store app is not its newest."
    case .notInstalled: "The tenant has not installed the store app."
    case .unknownPath: "There is no API at this path."
    case .wrongMethod: "The path exists, but not with this method."
    case .tooLarge: "The headers or the body were too large."
    case .fault: "An injected fault."
    }
  }
}

extension Fault {
  fileprivate var sentence: String {
    switch self {
    case .rejectToken: "Injected fault: a valid access token was rejected."
    case .missingScope: "Injected fault: the app lacked the scope."
    case .quota: "Injected fault: the monthly quota was used up."
    case .limit: "Injected fault: the rate limit was exceeded."
    case .refuse: "Injected fault: refused as --refuse-with says."
    case .dropBefore: "Injected fault: the connection was closed, and nothing took effect."
    case .fail5xx: "Injected fault: a server error, and nothing took effect."
    case .html: "Injected fault: an HTML page instead of an answer, and nothing took effect."
    case .dropAfter: "Injected fault: the connection was closed before the answer."
    case .cut: "Injected fault: only half of the answer was sent."
    case .never: "Injected fault: no answer was sent."
    case .slow: "Injected fault: the answer was sent in ten pieces."
    }
  }
}

extension Endpoint {
  /// A heading for what the API updates.
  var title: String {
    switch self {
    case .accessToken: "Access tokens"
    case .oauth: "Access tokens by OAuth"
    case .appToken: "Tokens of store apps"
    case .tenantToken: "Tokens of tenants"
    case .ticket: "Tickets of store apps"
    case .previews: "Previews"
    case .cards: "Cards"
    case .sessions: "Sessions"
    }
  }

  /// The noun for one thing the API updates.
  var noun: String {
    switch self {
    case .accessToken, .oauth, .appToken, .tenantToken: "access token"
    case .ticket: "ticket"
    case .previews: "preview"
    case .cards: "card"
    case .sessions: "session"
    }
  }
}

/// The rules in force, as the page states them.
extension RuleSettings {
  func sentence(for endpoint: Endpoint) -> String {
    var parts = [Self.sentence(pace(of: endpoint))]
    switch endpoint {
    case .previews:
      let early = earlyUpdate == .refuse ? "" : ", else it is ignored"
      parts.append("a token once in \(TokenSpacing.interval / 1_000_000)\u{a0}s\(early)")
    case .cards where operationsPerCardAndSecond > 0:
      parts.append("one card \(grouped(operationsPerCardAndSecond)) a second")
    default: break
    }
    return parts.joined(separator: "; ")
  }

  private static func sentence(_ pace: Pace) -> String {
    let limits = [(pace.perSecond, "a second"), (pace.perMinute, "a minute")].filter { $0.0 > 0 }
    if limits.isEmpty { return "no limit on calls" }
    return limits.map { "\(grouped($0.0)) \($0.1)" }.joined(separator: ", ")
  }
}

extension FaultSettings {
  /// The faults and the latency that are switched on, written as options; nil if there are none.
  var sentence: String? {
    var parts = Fault.allCases.compactMap { fault in
      chances[fault].map { "\(fault.option) \($0.text)" }
    }
    if latency > 0 || spread > 0 {
      parts.append("--latency \(spelled(latency))\(spread > 0 ? " ± \(spelled(spread))" : "")")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension Chance {
  fileprivate var text: String {
    switch self {
    case .first(let count): "first:\(count)"
    case .likely(let probability): "\(probability)"
    }
  }
}
