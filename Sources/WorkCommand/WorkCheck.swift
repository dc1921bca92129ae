import Configuring
import Delivery
import Planning
import Terminal

/// `work --check`: whether the configuration can be used and the secrets can be read.
enum WorkCheck {
  static func run(_ arguments: WorkArguments) throws(Failure) -> ExitCode {
    let accounts = try Settings.accounts(config: arguments.config)
    let secrets = Secrets(of: accounts)
    var code = ExitCode.done
    for account in accounts {
      let state = AccountCheck(of: account, by: secrets)
      if !state.problems.isEmpty { code = .noPermission }
      Output.result(arguments.wantsJSON ? state.json : state.line, abandoned: code)
    }
    return code
  }
}

/// What an account has. No part of a secret is kept.
struct AccountCheck {
  let account: AccountSettings
  /// Why a secret cannot be read; nil for one that can.
  private let app: String?
  private let user: String?
  private let ticket: String?

  init(of account: AccountSettings, by secrets: Secrets) {
    self.account = account
    func problem(_ source: SecretSource) -> String? {
      if case .failure(let problem) = secrets.read(source) { problem.why } else { nil }
    }
    app = problem(account.secret)
    user = account.userToken.flatMap(problem)
    ticket = account.storeApp.flatMap { problem($0.ticket) }
  }

  var problems: [String] { [app, user, ticket].compactMap { $0 } }

  var line: String {
    var parts = [account.summary]
    parts.append(app ?? "app secret read from \(account.secret.place)")
    if let token = account.userToken {
      parts.append(user ?? "user access token read from \(token.place)")
    }
    if account.storeApp != nil { parts.append(ticket ?? "app ticket read") }
    return printable("\(account.name): \(parts.joined(separator: "; "))")
  }

  var json: String {
    let token = account.userToken.map { _ in user == nil ? "true" : "false" }
    return printableJSON(
      JSONText.object([
        ("account", JSONText.string(account.name)),
        ("app_id", JSONText.string(account.appID)),
        ("host", JSONText.string(account.host)),
        ("limits", account.allowance),
        ("secret_readable", app == nil ? "true" : "false"),
        ("user_access_token_readable", token ?? "null"),
        (
          "app_ticket_readable", account.storeApp == nil ? "null" : ticket == nil ? "true" : "false"
        ),
        ("problems", JSONText.list(problems)),
      ]))
  }
}
