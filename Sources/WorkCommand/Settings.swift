import Basics
import Delivery
import Glibc
import Terminal

/// Accounts from the configuration file and the environment. The environment overrides the file,
/// and the file overrides the defaults.
enum Settings {
  static func accounts(config: String?) throws(Failure) -> [AccountSettings] {
    var accounts = try fromFile(config)
    try addAccountOfEnvironment(to: &accounts)
    let userToken = environmentVariable("LARKSPUR_USER_ACCESS_TOKEN_FILE")
    if let userToken, let index = accounts.firstIndex(where: { $0.name == "default" }) {
      accounts[index].userToken = .file(userToken)
    }
    try Certificates.choose(for: &accounts)
    return accounts
  }

  private static func addAccountOfEnvironment(
    to accounts: inout [AccountSettings]
  ) throws(Failure) {
    let appID = environmentVariable("LARKSPUR_APP_ID")
    let secret = secretFromEnvironment()
    let host = try environmentVariable("LARKSPUR_BASE_URL").map { (text) throws(Failure) in
      try BaseURL.check(text, from: "LARKSPUR_BASE_URL")
    }
    if let index = accounts.firstIndex(where: { $0.name == "default" }) {
      if let appID { accounts[index].appID = appID }
      if let secret { accounts[index].secret = secret }
      if let host { accounts[index].host = host }
      return
    }
    switch (appID, secret) {
    case (let appID?, let secret?):
      let host = host ?? BaseURL.feishu
      accounts.append(
        AccountSettings(name: "default", host: host, appID: appID, secret: secret))
    case (nil, nil) where !accounts.isEmpty: break
    case (nil, _):
      throw Failure(
        .configuration,
        "LARKSPUR_APP_ID is not set. Set it to the app's id (cli_…), and LARKSPUR_APP_SECRET_FILE or "
          + "LARKSPUR_APP_SECRET to its secret.")
    case (_, nil):
      throw Failure(
        .configuration,
        "the app's secret is missing. Set LARKSPUR_APP_SECRET_FILE to a file that holds it, or "
          + "LARKSPUR_APP_SECRET to the secret itself.")
    }
  }

  /// Where the configuration file is expected; nil if neither a flag nor a variable says.
  static func place(_ flag: String?) -> String? { named(flag) ?? defaultPlace() }

  private static func named(_ flag: String?) -> String? {
    flag ?? environmentVariable("LARKSPUR_CONFIG")
  }

  private static func fromFile(_ flag: String?) throws(Failure) -> [AccountSettings] {
    let named = named(flag)
    guard let path = named ?? defaultPlace() else { return [] }
    switch TextFile.read(path, atMost: sizeMax) {
    case .success(let bytes): return try ConfigFile.accounts(in: bytes, file: path)
    case .failure(let problem) where named == nil && problem.code == ENOENT: return []
    case .failure(let problem):
      throw Failure(
        problem.code == ENOENT ? .inputMissing : .configuration,
        "the configuration \(path) cannot be read: \(problem.why).")
    }
  }

  /// Enough for ten thousand accounts.
  private static let sizeMax = 10_000_000

  private static func defaultPlace() -> String? {
    let folder =
      environmentVariable("XDG_CONFIG_HOME") ?? environmentVariable("HOME").map { "\($0)/.config" }
    // The XDG specification says to ignore a relative folder.
    return folder.flatMap { $0.hasPrefix("/") ? "\($0)/larkspur/config.json" : nil }
  }

  private static func secretFromEnvironment() -> SecretSource? {
    if let path = environmentVariable("LARKSPUR_APP_SECRET_FILE") { return .file(path) }
    if environmentVariable("LARKSPUR_APP_SECRET") != nil {
      return .environment("LARKSPUR_APP_SECRET")
    }
    return nil
  }
}
