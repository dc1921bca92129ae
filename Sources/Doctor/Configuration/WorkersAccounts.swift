import Delivery
import Planning
import QueueAccess

/// The configuration here against what the worker has recorded in the queue.
extension ConfigurationCheck {
  private static let reload =
    "reload the worker's configuration (kill -HUP its process), or restart it"

  /// What a running worker does not know yet about an account.
  func difference(_ account: AccountSettings, _ row: QueueReading.AccountRow?) -> Finding? {
    if rows == nil { return nil }
    // A worker of an older version records nothing.
    if let row, row.isConfigured == nil { return nil }
    guard let row, row.isConfigured == true else {
      return .warn(
        .reload, "the running worker does not know account '\(account.name)'", fix: Self.reload)
    }
    guard let used = row.allowance, used != account.allowance else { return nil }
    return .warn(
      .limits,
      "the running worker uses other limits for account '\(account.name)' than the configuration: "
        + "\(used) instead of \(account.allowance)",
      fix: Self.reload)
  }

  /// Accounts of the worker that are missing here.
  func others(_ all: [AccountSettings]) -> [Finding] {
    let here = Set(all.map(\.name))
    // A tenant is missing with its app.
    let missing = (rows ?? []).filter {
      isWorked && $0.isConfigured == true && $0.app == nil && !here.contains($0.name)
        && isWanted($0.name)
    }
    return missing.map { row in
      .warn(
        .reload, "the running worker has account '\(row.name)', which is not configured here",
        fix: "give the worker's configuration with --config; if this is it, reload the worker")
    }
  }

  /// Asks that wait for an account that nobody has configured.
  func unconfigured(_ all: [AccountSettings]) -> [Finding] {
    guard rows != nil else { return [] }
    guard let pending else {
      return [
        .unknown(
          .unconfiguredAccount, "there was no time to look for asks of unknown accounts",
          fix: "see: larkspur list")
      ]
    }
    let here = Set(all.map(\.name))
    let workers = Set((rows ?? []).filter { $0.isConfigured == true && isWorked }.map(\.name))
    let unknown = pending.filter {
      !here.contains($0) && !workers.contains($0) && isWanted($0) && app(of: $0, all) == nil
    }
    return unknown.map { name in
      .wrong(
        .unconfiguredAccount, "account '\(name)' has pending asks but is not configured",
        fix: "add it, or run 'larkspur cancel LANE --account \(name)'")
    }
  }

  func parked(_ row: QueueReading.AccountRow) -> Finding? {
    guard let trouble = row.trouble else { return nil }
    let settings = (try? reading.accounts.get())?.first { $0.name == row.name }
    var fix = trouble.fix(
      account: row.name, isTenant: row.app != nil, credentials: settings?.credentialsPlace.words)
    if trouble == .permission, let settings {
      let page = Console.scopes(host: settings.host, appID: settings.appID)
      fix = fix.replacing(
        "developer console", with: "developer console (\(page))", maxReplacements: 1)
    }
    return .wrong(
      .accountParked, "account '\(row.name)' is parked: \(row.why ?? trouble.rawValue)",
      fix: fix.prefix(1).lowercased() + fix.dropFirst())
  }

  /// The store app whose tenant this is, if it is configured here.
  func app(of account: String, _ all: [AccountSettings]) -> AccountSettings? {
    TenantName(account).flatMap { name in all.first { $0.name == name.app && $0.storeApp != nil } }
  }
}
