/// What the configuration says, as far as the worker has read it.
struct ConfigurationRecord {
  /// Each configuration that a worker has read, with the judge's order.
  private var read: [(order: Int, accounts: [Setup.Account])]
  private var secretChanges: [String: Int] = [:]
  /// When the configuration was changed, until a worker reads it.
  private(set) var unreadSince: Int?
  /// Some configuration so far has named a quota.
  private(set) var hasQuotas: Bool

  init(_ accounts: [Setup.Account]) {
    read = [(0, accounts)]
    hasQuotas = accounts.contains { $0.monthlyQuota != nil }
  }

  mutating func changed(at now: Int) { unreadSince = unreadSince ?? now }

  mutating func wasRead(_ accounts: [Setup.Account], order: Int) {
    for account in accounts where secret(of: account.name).map({ $0 != account.secret }) ?? true {
      secretChanges[account.name] = order
    }
    read.append((order, accounts))
    unreadSince = nil
    hasQuotas = hasQuotas || accounts.contains { $0.monthlyQuota != nil }
  }

  /// Nil if the account was not configured when the call was claimed.
  func account(_ name: String, claimed: Int) -> Setup.Account? {
    read.last { $0.order < claimed }?.accounts.first { $0.name == name }
  }

  /// Since when the account has had its present secret, in the judge's order.
  func secretChanged(_ name: String) -> Int { secretChanges[name] ?? 0 }

  /// The last one that was read, also of an account that has been removed since.
  private func secret(of name: String) -> Int? {
    read.reversed().lazy.compactMap { $0.accounts.first { $0.name == name }?.secret }.first
  }
}

/// P8: an account that only an operator can bring back waits, and keeps its queue.
extension Judge {
  func configured(at now: Int) { configuration.changed(at: now) }

  func configurationRead(_ accounts: [Setup.Account]) {
    configuration.wasRead(accounts, order: next())
  }

  /// The account as it was configured when the call was claimed.
  func account(of call: CallRecord) -> Setup.Account? {
    configuration.account(call.called.account, claimed: call.claimed)
  }

  func checkConfigured(_ call: CallRecord, at now: Int) {
    if account(of: call) == nil, ![.app, .resend].contains(call.called.login) {
      blame("P8", "call \(call.number) is for \(call.called.account), which was removed", at: now)
    }
    if let changed = configuration.unreadSince, now - changed > 60_000 {
      blame("P8", "the configuration was changed \(now - changed) ms ago, and not read", at: now)
    }
  }
}
