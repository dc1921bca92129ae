import Delivery
import Foundation
import Terminal
import Testing

@testable import Configuring

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
    guard case .failure(let problem) = Secrets(of: [account(token: token)]).read(source) else {
      return nil
    }
    return problem.why
  }

  @Test func `a file that cannot be read is called what it should hold, and what named it`() {
    #expect(
      problem(.file("/nowhere/token"), token: "/nowhere/token")
        == "cannot read user access token file /nowhere/token: no such file or directory "
        + "(set by user_access_token_file)")
    #expect(
      problem(.file("/nowhere/secret"), token: "/nowhere/token")
        == "cannot read secret file /nowhere/secret: no such file or directory "
        + "(set by app_secret_file)")
    #expect(
      problem(.file("/dev/null"), token: "/dev/null")
        == "user access token file /dev/null is empty (set by user_access_token_file)")
    #expect(
      problem(.environment("LARKSPUR_TEST_NOT_SET"), token: "/nowhere/token")
        == "environment variable LARKSPUR_TEST_NOT_SET is not set or empty "
        + "(named by app_secret_env)")
  }

  @Test func `a secret of blanks is none`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID())")
    try Data(" \t\nsecret\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(
      problem(.file(file.path), token: "/nowhere/token")
        == "secret file \(file.path) begins with an empty line (set by app_secret_file)")
  }

  @Test func `the variable that names a secret's file is named`() async {
    await #expect(processExitsWith: .success) {
      setenv("LARKSPUR_APP_SECRET_FILE", "/nowhere/secret", 1)
      let result = Secrets(of: []).read(.file("/nowhere/secret"))
      guard case .failure(let problem) = result else { exit(1) }
      try #require(problem.why.hasSuffix("(set by LARKSPUR_APP_SECRET_FILE)"))
    }
  }

  @Test func `a secret from a pipe is read once and stays known`() throws {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data("s3cret\n".utf8))
    try pipe.fileHandleForWriting.close()
    let secrets = Secrets(of: [])
    let source = SecretSource.file("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
    #expect(secrets.read(source) == .success("s3cret"))
    #expect(secrets.read(source) == .success("s3cret"))
  }
}
