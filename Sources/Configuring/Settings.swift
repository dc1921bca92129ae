import Basics
import Delivery
import Glibc
import Terminal

/// Accounts from the configuration file and the environment. The environment overrides the file,
/// and the file overrides the defaults.
package enum Settings {
  package static func accounts(config: String?) throws(Failure) -> [AccountSettings] {
    var accounts = try fromFile(config)
    try addAccountOfEnvironment(to: &accounts)
    let userToken = try environmentVariable("LARKSPUR_USER_ACCESS_TOKEN_FILE")
    if let userToken, let index = accounts.firstIndex(where: { $0.name == "default" }) {
      accounts[index].userToken = .file(userToken)
    }
    try Certificates.choose(for: &accounts)
    return accounts
  }

  private static func addAccountOfEnvironment(
    to accounts: inout [AccountSettings]
  ) throws(Failure) {
    let appID = try environmentVariable("LARKSPUR_APP_ID")
    let secret = try secretFromEnvironment()
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
        "LARKSPUR_APP_ID is not set; set it to the app id (cli_…), and set "
          + "LARKSPUR_APP_SECRET_FILE or LARKSPUR_APP_SECRET")
    case (_, nil):
      throw Failure(
        .configuration,
        "no app secret; set LARKSPUR_APP_SECRET_FILE to a file that contains it, or "
          + "LARKSPUR_APP_SECRET to the secret itself")
    }
  }

  /// Where the configuration file is expected; nil if neither a flag nor a variable says.
  package static func place(_ flag: String?) throws(Failure) -> String? {
    if let named = try named(flag) { return named }
    let folder = try userFolder("XDG_CONFIG_HOME", else: ".config")
    return folder.map { "\($0)/larkspur/config.json" }
  }

  /// Whether nothing says which accounts there are: no file is there or was named, and no variable
  /// is set. The worker may still have some, from its own environment.
  package static func areMissing(config flag: String?) throws(Failure) -> Bool {
    for name in ["LARKSPUR_APP_ID", "LARKSPUR_APP_SECRET_FILE", "LARKSPUR_APP_SECRET"] {
      if try environmentVariable(name) != nil { return false }
    }
    if try named(flag) != nil { return false }
    return try place(flag).map { access($0, F_OK) != 0 && errno == ENOENT } ?? true
  }

  private static func named(_ flag: String?) throws(Failure) -> String? {
    if let flag { return flag }
    return try environmentVariable("LARKSPUR_CONFIG")
  }

  private static func fromFile(_ flag: String?) throws(Failure) -> [AccountSettings] {
    let named = try named(flag)
    guard let path = try place(flag) else { return [] }
    switch TextFile.read(path, atMost: sizeMax) {
    case .success(let bytes): return try ConfigFile.accounts(in: bytes, file: path)
    case .failure(let problem) where named == nil && problem.code == ENOENT: return []
    case .failure(let problem):
      throw Failure(
        problem.code == ENOENT ? .inputMissing : .configuration,
        "cannot read configuration \(path): \(problem.why)"
          + (problem.code == EACCES ? "; \(advice(isNamed: named != nil))" : ""))
    }
  }

  /// Without a name, the file is looked for where HOME leads. `sudo -u` may have left it as it was.
  private static func advice(isNamed: Bool) -> String {
    isNamed
      ? "make it and its folder readable for the user who runs this"
      : "set HOME to the home of the user who runs this, or LARKSPUR_CONFIG to the file"
  }

  /// Enough for ten thousand accounts.
  private static let sizeMax = 10_000_000

  private static func secretFromEnvironment() throws(Failure) -> SecretSource? {
    if let path = try environmentVariable("LARKSPUR_APP_SECRET_FILE") { return .file(path) }
    if try environmentVariable("LARKSPUR_APP_SECRET") != nil {
      return .environment("LARKSPUR_APP_SECRET")
    }
    return nil
  }
}
