import Terminal

/// Reads the rules from the command line.
extension RuleSettings {
  static let options: [Option] =
    [Option("--app", .many), Option("--user-token", .many), Option("--store-app", .many)]
    + [
      "--token-expire", "--ticket-every", "--resend-after", "--absent-tenant", "--wrong-tenant",
      "--oauth-token-bytes", "--calls-per-second", "--cards-per-second", "--cards-per-minute",
      "--sessions-per-second", "--sessions-per-minute", "--limit-window", "--limited-calls",
      "--limit-status", "--limit-headers", "--characters", "--spacing-violation",
      "--empty-open-ids", "--bad-token", "--bad-open-id", "--card-per-second", "--card-limit-with",
      "--first-check", "--replayed-uuid", "--uuid-memory", "--refused-batch", "--missing-card",
      "--expired-card", "--omitted-field", "--missing-session", "--missing-session-with",
    ].map { Option($0, .one) }

  private enum Presence: String, CaseIterable { case both, none }

  init(_ options: Options) throws(Failure) {
    self.init()
    try readApps(options)
    try readStoreApps(options)
    try readLimits(options)
    try readPreviewRules(options)
    try readCardRules(options)
    try readSessionRules(options)
    try set(\.characters, to: options.word("--characters"))
  }

  private mutating func set<Value>(_ setting: WritableKeyPath<Self, Value>, to value: Value?) {
    if let value { self[keyPath: setting] = value }
  }

  private mutating func readApps(_ options: Options) throws(Failure) {
    let given = options.many("--app")
    if !given.isEmpty { apps = [:] }
    for (index, app) in given.enumerated() {
      let parts = app.split(separator: ":", maxSplits: 1)
      // The value is not repeated, because a secret follows the colon.
      guard parts.count == 2 else { throw Failure(.usage, "--app takes ID:SECRET") }
      if apps[String(parts[0])] != nil {
        throw Failure(.usage, "--app gives \(printable(String(parts[0]))) two secrets; give one")
      }
      apps[String(parts[0])] = String(parts[1])
      if index == 0 { firstApp = String(parts[0]) }
    }
    let tokens = options.many("--user-token")
    guard tokens.allSatisfy({ $0.hasPrefix("u-") && $0.utf8.count > 2 }) else {
      throw Failure(.usage, "--user-token takes a token that begins with u-")
    }
    let owner = firstApp
    let all = tokens.isEmpty ? Array(userTokens.keys) : tokens
    userTokens = Dictionary(all.map { ($0, owner) }) { $1 }
    if let seconds = try options.number("--token-expire", 1...86_400) {
      accessTokenLifetime = seconds * 1_000_000
    }
    try set(\.oauthTokenSize, to: options.number("--oauth-token-bytes", 100...16_384))
  }

  private mutating func readStoreApps(_ options: Options) throws(Failure) {
    for app in options.many("--store-app") {
      let parts = app.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { throw Failure(.usage, "--store-app takes ID:SECRET") }
      if apps[String(parts[0])] != nil {
        throw Failure(
          .usage, "\(printable(String(parts[0]))) is given with --app and with --store-app")
      }
      if storeApps.updateValue(String(parts[1]), forKey: String(parts[0])) != nil {
        throw Failure(
          .usage, "--store-app gives \(printable(String(parts[0]))) two secrets; give one")
      }
    }
    try set(\.ticketInterval, to: options.microseconds("--ticket-every"))
    if ticketInterval < 1_000 {
      throw Failure(.usage, "--ticket-every takes at least 1ms")
    }
    try set(\.resendDelay, to: options.microseconds("--resend-after"))
    set(\.absentTenantPrefix, to: options.one("--absent-tenant"))
    set(\.wrongTenantPrefix, to: options.one("--wrong-tenant"))
  }

  private mutating func readLimits(_ options: Options) throws(Failure) {
    let calls = 0...1_000_000
    try set(\.previewPace.perSecond, to: options.number("--calls-per-second", calls))
    try set(\.cardPace.perSecond, to: options.number("--cards-per-second", calls))
    try set(\.cardPace.perMinute, to: options.number("--cards-per-minute", calls))
    try set(\.sessionPace.perSecond, to: options.number("--sessions-per-second", calls))
    try set(\.sessionPace.perMinute, to: options.number("--sessions-per-minute", calls))
    try set(\.limiting.window, to: options.word("--limit-window"))
    try set(\.limiting.refused, to: options.word("--limited-calls"))
    if let status = try options.number("--limit-status", 200...599) {
      guard Options.statuses.contains(status) else {
        throw Failure(.usage, "--limit-status \(status) allows no body; give a status that does")
      }
      limiting.status = status
    }
    if let headers = try options.word("--limit-headers", Presence.self) {
      limiting.hasHeaders = headers == .both
    }
  }

  private mutating func readPreviewRules(_ options: Options) throws(Failure) {
    try set(\.earlyUpdate, to: options.word("--spacing-violation"))
    try set(\.emptyAudience, to: options.word("--empty-open-ids"))
    set(\.badTokenPrefix, to: options.one("--bad-token"))
    set(\.badOpenIDPrefix, to: options.one("--bad-open-id"))
  }

  private mutating func readCardRules(_ options: Options) throws(Failure) {
    try set(\.operationsPerCardAndSecond, to: options.number("--card-per-second", 0...1_000_000))
    try set(\.cardLimitAnswer, to: options.answer("--card-limit-with"))
    try set(\.firstCardCheck, to: options.word("--first-check"))
    try set(\.replayedUUID, to: options.word("--replayed-uuid"))
    try set(\.uuidMemory, to: options.microseconds("--uuid-memory"))
    try set(\.refusedBatch, to: options.word("--refused-batch"))
    set(\.missingCardPrefix, to: options.one("--missing-card"))
    set(\.expiredCardPrefix, to: options.one("--expired-card"))
  }

  private mutating func readSessionRules(_ options: Options) throws(Failure) {
    try set(\.omittedField, to: options.word("--omitted-field"))
    set(\.missingSessionPrefix, to: options.one("--missing-session"))
    try set(\.missingSessionAnswer, to: options.answer("--missing-session-with"))
  }
}
