import Configuring
import Delivery
import Glibc
import Larkspur
import Terminal

/// The configuration as it was read here, or why it cannot be used.
struct ConfigurationReading {
  var accounts: Result<[AccountSettings], Failure>
  /// Where the file is expected, if anywhere.
  var file: String?
  /// Whether nothing here says which accounts there are.
  var isMissing: Bool

  init(accounts: Result<[AccountSettings], Failure>, file: String? = nil, isMissing: Bool = false) {
    self.accounts = accounts
    self.file = file
    self.isMissing = isMissing
  }

  /// Reads what `--config` and the environment say.
  init(flag: String?) {
    file = (try? Settings.place(flag)) ?? nil
    isMissing = (try? Settings.areMissing(config: flag)) ?? false
    do throws(Failure) {
      accounts = .success(try Settings.accounts(config: flag))
    } catch {
      accounts = .failure(error)
    }
  }
}

/// Whether the configuration can be used, and is the one that the worker uses.
struct ConfigurationCheck {
  let reading: ConfigurationReading
  /// The accounts in the queue, and those with pending asks, if they can be read.
  var rows: [QueueReading.AccountRow]?
  var pending: [String]?
  /// Whether a worker is running, which would use what is in the rows.
  var isWorked = false
  /// Who owns the queue: the user that the worker runs as, as far as it is known.
  var owner: uid_t?
  var viewer = Viewer()
  /// Only this account, if given.
  var only: String?
  var readSecret: (SecretSource) -> Result<String, SecretProblem>

  func findings() -> [Finding] {
    let stopped = (rows ?? []).filter { isWanted($0.name) }.compactMap(parked)
    switch reading.accounts {
    case .failure(let failure): return [problem(failure)] + stopped
    case .success(let all):
      // What a tenant needs is its app's.
      let accounts =
        all.filter { isWanted($0.name) } + (only.flatMap { app(of: $0, all) }.map { [$0] } ?? [])
      if let only, accounts.isEmpty { return [noAccount(only, all)] + stopped }
      let known = Dictionary((rows ?? []).map { ($0.name, $0) }) { $1 }
      return [fine(all)] + accounts.flatMap { examine($0, known[$0.name]) } + unconfigured(all)
        + others(all) + stopped
    }
  }

  func isWanted(_ account: String) -> Bool { only == nil || only == account }

  private func fine(_ accounts: [AccountSettings]) -> Finding {
    let place = reading.file.flatMap { access($0, F_OK) == 0 ? $0 : nil } ?? "the environment"
    return .fine(.configuration, "\(counted(accounts.count, "account")) from \(place)")
  }

  private func noAccount(_ name: String, _ all: [AccountSettings]) -> Finding {
    .wrong(
      .configuration, "there is no account '\(name)'",
      fix: "give one of: \(all.prefix(10).map(\.name).joined(separator: ", "))")
  }

  private func problem(_ failure: Failure) -> Finding {
    let known = (rows ?? []).filter { $0.isConfigured == true }.map(\.name)
    if reading.isMissing, !known.isEmpty {
      return .unknown(
        .configuration,
        "no account is configured here, but the worker has \(known.prefix(5).joined(separator: ", "))",
        fix: "run this with the worker's environment, or give its file with --config")
    }
    if let file = reading.file, viewer.isKept(from: file, of: owner) {
      return .unknown(
        .configuration, failure.sentence, fix: "run this as the user who runs the worker")
    }
    let message = Message(failure.sentence)
    return .wrong(
      .configuration, message.summary, fix: message.fix ?? "correct it, then run this again")
  }

  private func examine(
    _ account: AccountSettings, _ row: QueueReading.AccountRow?
  ) -> [Finding] {
    let secrets = SecretCheck(
      account: account, owner: owner, viewer: viewer, refusedTicket: row?.refusedTicket,
      read: readSecret)
    var findings = secrets.findings()
    if !findings.contains(where: { $0.code == .secret }) {
      let what = "account '\(account.name)': \(account.summary)"
      findings.insert(.fine(.account, "\(what); its secret can be read"), at: 0)
    }
    if isWorked, let finding = difference(account, row) { findings.append(finding) }
    return findings
  }
}
