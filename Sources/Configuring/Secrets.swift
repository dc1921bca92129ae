import Basics
import Delivery
import Glibc
import Terminal

/// Reads the secrets of the accounts at the moment they are needed. No part of a secret ends up in
/// a message.
package final class Secrets {
  private var userTokens: Set<SecretSource>
  /// Secrets from pipes, which can be read only once:
  /// `LARKSPUR_APP_SECRET_FILE=<(pass show feishu)`.
  private var piped: [SecretSource: String] = [:]
  /// Places that have been waited for. Each is waited for once, when the worker starts and nothing
  /// is held up.
  private var waitedFor: Set<SecretSource> = []
  private var patience_ms: Int32 = 5_000

  package init(of accounts: [AccountSettings]) { userTokens = Self.userTokens(of: accounts) }

  private static func userTokens(of accounts: [AccountSettings]) -> Set<SecretSource> {
    Set(accounts.compactMap(\.userToken))
  }

  /// The accounts have changed. From here on no pipe is waited for, because calls in flight would
  /// wait too.
  package func change(to accounts: [AccountSettings]) {
    userTokens = Self.userTokens(of: accounts)
    patience_ms = 0
  }

  package func read(_ source: SecretSource) -> Result<String, SecretProblem> {
    switch source {
    case .environment(let variable):
      do throws(Failure) {
        if let value = try environmentVariable(variable) { return .success(value) }
      } catch {
        return .failure(SecretProblem(error.sentence))
      }
      return .failure(
        SecretProblem(
          "environment variable \(variable) is not set or empty (named by app_secret_env)"))
    case .file(let path):
      if let kept = piped[source] { return .success(kept) }
      let result = line(of: path, of: source)
      if case .success(let secret) = result, Self.isPipe(path) { piped[source] = secret }
      return result
    }
  }

  private func line(
    of path: String, of source: SecretSource
  ) -> Result<String, SecretProblem> {
    let isToken = userTokens.contains(source)
    let file = "\(isToken ? "user access token" : "secret") file \(path)"
    let place = "(set by \(place(of: path, isToken: isToken)))"
    let patience = waitedFor.insert(source).inserted ? patience_ms : 0
    switch TextFile.read(path, atMost: 10_000, patience_ms: patience) {
    case .failure(let problem):
      return .failure(SecretProblem("cannot read \(file): \(problem.why) \(place)"))
    case .success(let bytes):
      let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
      if line.contains(where: { $0 > UInt8(ascii: " ") }) {
        return .success(String(decoding: line, as: UTF8.self))
      }
      let what = bytes.isEmpty ? "is empty" : "begins with an empty line"
      return .failure(SecretProblem("\(file) \(what) \(place)"))
    }
  }

  /// The setting that names the file. An environment variable takes precedence over the
  /// configuration.
  private func place(of path: String, isToken: Bool) -> String {
    let variable = isToken ? "LARKSPUR_USER_ACCESS_TOKEN_FILE" : "LARKSPUR_APP_SECRET_FILE"
    if (try? environmentVariable(variable)) == path { return variable }
    return isToken ? "user_access_token_file" : "app_secret_file"
  }

  private static func isPipe(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFREG
  }
}
