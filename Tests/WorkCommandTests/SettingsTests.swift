import Delivery
import Foundation
import Terminal
import Testing

@testable import WorkCommand

struct SettingsTests {
  @Test func `a person's access token is read from the file the environment names`() async {
    await #expect(processExitsWith: .success) {
      let file = FileManager.default.temporaryDirectory.appending(path: "config-\(UUID())")
      let text = #"{"accounts":{"shop":{"app_id":"cli_2","app_secret_env":"S"}}}"#
      try Data(text.utf8).write(to: file)
      setenv("LARKSPUR_APP_ID", "cli_1", 1)
      setenv("LARKSPUR_APP_SECRET", "s", 1)
      setenv("LARKSPUR_USER_ACCESS_TOKEN_FILE", "/run/person", 1)
      let accounts = try Settings.accounts(config: file.path)
      try FileManager.default.removeItem(at: file)
      try #require(accounts.map(\.name) == ["shop", "default"])
      try #require(accounts.map(\.userToken) == [nil, .file("/run/person")])
    }
  }

  private func account(token: String) -> AccountSettings {
    var account = AccountSettings(
      name: "a", host: "https://a", appID: "cli_1", secret: .file("/nowhere/secret"))
    account.userToken = .file(token)
    return account
  }

  private func problem(_ source: SecretSource, token: String) -> String? {
    guard case .failure(let problem) = Settings.secrets(of: [account(token: token)])(source) else {
      return nil
    }
    return problem.why
  }

  @Test func `a file that cannot be read is called what it should hold`() {
    #expect(
      problem(.file("/nowhere/token"), token: "/nowhere/token")
        == "the user access token's file /nowhere/token cannot be read: No such file or directory")
    #expect(
      problem(.file("/nowhere/secret"), token: "/nowhere/token")
        == "the secret's file /nowhere/secret cannot be read: No such file or directory")
    #expect(
      problem(.file("/dev/null"), token: "/dev/null")
        == "the user access token's file /dev/null begins with an empty line")
  }
}
