/// Why asks do not get through, in an account or in the whole queue.
package struct Stuck: Hashable, Sendable {
  /// These words are an interface: programs read them, so they do not change.
  package enum Reason: String, CaseIterable, Hashable, Sendable {
    /// The app secret, or a user access token, cannot be read.
    case noSecret = "no_secret"
    case unreachable
    /// Everything that is sent is refused because of its content.
    case refused
    /// The host fails, or something else answers in its place.
    case failing
    case parked
    /// The user access token is refused.
    case userToken = "user_token"
    /// The queue cannot be written.
    case queue
  }

  /// Nil when the queue itself is stuck.
  package var account: String?
  package var reason: Reason
  /// Which calls it concerns, for example `preview, card`. Nil if all.
  package var calls: String?
  package var why: String

  package init(_ reason: Reason, account: String?, calls: String? = nil, why: String) {
    self.account = account
    self.reason = reason
    self.calls = calls
    self.why = why
  }

  /// How the reason begins if a store app lacks its ticket.
  package static let ticket = "the app ticket"

  /// One sentence, without the final period.
  package var sentence: String {
    guard let account else { return why }
    let callers = "\(calls.map { "\($0) " } ?? "")calls of account '\(account)'"
    return switch reason {
    case .noSecret where why.hasPrefix(Self.ticket): "account '\(account)' cannot sign in: \(why)"
    case .noSecret where calls == nil: "account '\(account)' has no app secret: \(why)"
    case .noSecret: "\(callers) have no user access token: \(why)"
    case .parked: "account '\(account)' is parked: \(why)"
    case .failing: "\(callers) fail: \(why)"
    case .refused where !why.hasPrefix(ChannelState.refusing):
      "\(callers): \(ChannelState.refusing)\(why)"
    case .unreachable, .refused, .userToken, .queue: "\(callers): \(why)"
    }
  }
}

/// What is known about an account that may be stuck.
package struct AccountSigns {
  package var name: String
  package var noAppSecret: String?
  package var noUserToken: String?
  package var parked: Parked?
  package var unreachable: String?
  /// Why there is no access token, and the health of the API that hands them out.
  package var tokenFailure: String?
  package var login: Health
  package var channels: [ChannelState]

  package init(
    name: String, noAppSecret: String? = nil, noUserToken: String? = nil, parked: Parked? = nil,
    unreachable: String? = nil, tokenFailure: String? = nil, login: Health = Health(),
    channels: [ChannelState] = []
  ) {
    self.name = name
    self.noAppSecret = noAppSecret
    self.noUserToken = noUserToken
    self.parked = parked
    self.unreachable = unreachable
    self.tokenFailure = tokenFailure
    self.login = login
    self.channels = channels
  }
}

extension AccountSigns {
  /// Each reason appears once. Failures count only while something waits to be sent; otherwise they
  /// hold nothing up.
  package var stuck: [Stuck] {
    var stuck: [Stuck] = []
    if let noAppSecret { stuck.append(Stuck(.noSecret, account: name, why: noAppSecret)) }
    if let noUserToken {
      let calls = names(Kind.allCases.filter { $0.rules.takesUserTokens })
      stuck.append(Stuck(.noSecret, account: name, calls: calls, why: noUserToken))
    }
    if let parked { stuck.append(Stuck(.parked, account: name, why: parked.why)) }
    let busy = channels.filter { $0.nextReady != nil || $0.callsUnderWay > 0 }
    if busy.isEmpty { return stuck }
    if let unreachable {
      stuck.append(Stuck(.unreachable, account: name, why: unreachable))
    } else if parked == nil, noAppSecret == nil, login.probes != nil, let tokenFailure {
      stuck.append(Stuck(.failing, account: name, why: tokenFailure))
    }
    stuck += of(.userToken, busy) { $0.record.refusedMark != nil }
    stuck += of(.refused, busy) { $0.record.health.isRefusing }
    if unreachable == nil {
      stuck += of(.failing, busy) { $0.record.health.isFailingWhateverIsSent }
    }
    return stuck
  }

  private func of(_ reason: Stuck.Reason, _ busy: [ChannelState], _ isSo: (ChannelState) -> Bool)
    -> [Stuck]
  {
    let found = busy.filter(isSo).sorted { $0.channel < $1.channel }
    guard let first = found.first else { return [] }
    let why = first.trouble ?? first.record.pausedWhy ?? reason.rawValue
    let calls = names(found.map(\.channel.kind))
    return [Stuck(reason, account: name, calls: calls, why: why)]
  }

  private func names(_ kinds: [Kind]) -> String {
    kinds.map(\.api.rawValue).joined(separator: ", ")
  }
}

extension Health {
  /// Calls go one at a time until one shows that the host is back.
  fileprivate var isFailingWhateverIsSent: Bool { probes != nil && !isRefusing }
}
