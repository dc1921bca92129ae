import Planning

/// What a store app knows of its tenants. For other accounts it stays empty.
struct TenantPool {
  /// Those that wait for a token of their own, by account number, the first to come first.
  var line: [Int] = []
  /// Their requests for tokens of their own.
  var logins = Budget(Limits.logins)
  /// From when on Feishu may be asked to push the app ticket again.
  var ticketAgainFrom: Moment = .zero
  /// When the ticket was written, as recorded, and when to look again. Nil before the first look.
  var ticketWritten: Moment?
  var ageLook: Moment?

  func mayAskForTicket(at now: Moment) -> Bool { ticketAgainFrom <= now }

  mutating func ticketAsked(at moment: Moment) {
    ticketAgainFrom = moment + RetryPolicy.ticketRequests
  }
}

extension AccountState {
  /// When to request the next token for a tenant, or the app's own, which is needed for that. Nil while no
  /// tenant waits, while the secret or the ticket is missing, and if an answer has to come first.
  func loginMoment(at now: Moment) -> Moment? {
    if tenants.line.isEmpty || missing.app != nil || !isConfigured { return nil }
    if credential.usable(at: now) != nil {
      return tenants.logins.opens(at: now).map { max(now, $0) }
    }
    return credential.fetchMoment(at: now).map { max($0, parked?.probe ?? $0) }
  }
}

extension AccountState {
  /// Why a store app gets no tokens until somebody has done something, and until when that is certain.
  var whyNoTokens: (why: String, until: Moment)? {
    let name = settings.name
    if let why = missing.app {
      return ("app '\(name)' cannot sign in: \(why)", tenants.ticketAgainFrom)
    }
    return parked.map { ("app '\(name)' is parked: \($0.why)", $0.probe) }
  }
}
