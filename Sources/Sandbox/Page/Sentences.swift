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
    case .ok: "All was well."
    case .tooEarly:
      isAccepted
        ? "Previews updated less than 5 s ago were passed over; the others took effect."
        : "A preview was updated less than 5 s ago."
    case .limited: "The app made more calls than it may."
    case .cardLimited: "The card was changed too often within a second."
    case .staleSequence: "The sequence was not above the card’s last one."
    case .uuidConflict: "The card had seen this uuid before."
    case .replayed: "The same batch as before: accepted, and nothing changed."
    case .missing: "There is no such card or session."
    case .expired: "The card is older than 14 days."
    case .invalid: "The body had the wrong form, or listed too few or too many."
    case .malformed: "A preview token or an open_id is no such thing; the whole call was refused."
    case .noAccessToken: "The call came without an access token."
    case .badAccessToken: "The access token is unknown or has expired."
    case .badCredentials: "App id and secret do not belong together."
    case .unknownPath: "Nothing answers at this path."
    case .wrongMethod: "The path is right, and the method is not."
    case .tooLarge: "The headers or the body were longer than any that are good."
    case .fault: "A fault, on purpose."
    }
  }
}

extension Fault {
  fileprivate var sentence: String {
    switch self {
    case .rejectToken: "On purpose: a valid access token was called invalid."
    case .missingScope: "On purpose: the app was said to lack the scope."
    case .quota: "On purpose: the month’s calls were said to be used up."
    case .limit: "On purpose: too many calls, though they were not."
    case .refuse: "On purpose: refused, as --refuse-with says."
    case .dropBefore: "On purpose: the connection was closed, and nothing took effect."
    case .fail5xx: "On purpose: a server error, and nothing took effect."
    case .html: "On purpose: a page instead of an answer, and nothing took effect."
    case .dropAfter: "On purpose: the connection was closed before the answer."
    case .cut: "On purpose: only half of the answer was sent."
    case .never: "On purpose: no answer was sent."
    case .slow: "On purpose: the answer came in ten pieces."
    }
  }
}

extension Endpoint {
  /// A heading for what the API updates.
  var title: String {
    switch self {
    case .accessToken: "Access tokens"
    case .previews: "Previews"
    case .cards: "Cards"
    case .sessions: "Sessions"
    }
  }

  /// The noun for one thing the API updates.
  var noun: String {
    switch self {
    case .accessToken: "access token"
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
      let early = earlyUpdate == .refuse ? "" : ", else it is passed over"
      parts.append("a token once in \(TokenSpacing.interval / 1_000_000)\u{a0}s\(early)")
    case .cards where operationsPerCardAndSecond > 0:
      parts.append("one card \(grouped(operationsPerCardAndSecond)) a second")
    default: break
    }
    return parts.joined(separator: "; ")
  }

  private static func sentence(_ pace: Pace) -> String {
    let limits = [(pace.perSecond, "a second"), (pace.perMinute, "a minute")].filter { $0.0 > 0 }
    if limits.isEmpty { return "as many calls as you like" }
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
