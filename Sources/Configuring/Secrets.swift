import Basics
import Delivery
import Glibc
import Planning
import Terminal

/// Reads the secrets of the accounts at the moment they are needed. No part of a secret ends up in
/// a message.
package final class Secrets {
  /// The places of secrets that are not app secrets.
  private var others: [SecretSource: Other]
  /// Secrets from pipes, which can be read only once:
  /// `LARKSPUR_APP_SECRET_FILE=<(pass show feishu)`.
  private var piped: [SecretSource: String] = [:]
  /// Places that have been waited for. Each is waited for once, when the worker starts and nothing
  /// is held up.
  private var waitedFor: Set<SecretSource> = []
  private var patience_ms: Int32 = 5_000

  private enum Other { case userToken, ticket }

  package init(of accounts: [AccountSettings]) { others = Self.others(of: accounts) }

  private static func others(of accounts: [AccountSettings]) -> [SecretSource: Other] {
    let tokens = accounts.compactMap(\.userToken).map { ($0, Other.userToken) }
    let tickets = accounts.compactMap(\.storeApp?.ticket).map { ($0, Other.ticket) }
    return Dictionary(tokens + tickets) { $1 }
  }

  /// The accounts have changed. From here on no pipe is waited for, because calls in flight would
  /// wait too.
  package func change(to accounts: [AccountSettings]) {
    others = Self.others(of: accounts)
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

  /// When its file was written. Nil if it holds nothing.
  package func whenWritten(_ source: SecretSource) -> WallMoment? {
    guard case .file(let path) = source else { return nil }
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size > 0 else {
      return nil
    }
    return WallMoment(ms: facts.st_mtim.tv_sec * 1_000 + facts.st_mtim.tv_nsec / 1_000_000)
  }

  private func line(
    of path: String, of source: SecretSource
  ) -> Result<String, SecretProblem> {
    let other = others[source]
    let file = "\(Self.name(of: other)) file \(path)"
    let place = "(set by \(place(of: path, other)))"
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

  private static func name(of other: Other?) -> String {
    switch other {
    case nil: "secret"
    case .userToken: "user access token"
    case .ticket: "app ticket"
    }
  }

  /// The setting that names the file. An environment variable takes precedence over the
  /// configuration.
  private func place(of path: String, _ other: Other?) -> String {
    let (variable, setting): (String?, String) =
      switch other {
      case nil: ("LARKSPUR_APP_SECRET_FILE", "app_secret_file")
      case .userToken: ("LARKSPUR_USER_ACCESS_TOKEN_FILE", "user_access_token_file")
      case .ticket: (nil, "app_ticket_file")
      }
    if let variable, (try? environmentVariable(variable)) == path { return variable }
    return setting
  }

  private static func isPipe(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFREG
  }
}
