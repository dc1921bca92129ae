import Basics
import Configuring
import Delivery
import Glibc
import Larkspur
import Planning
import Terminal

/// Whether an account's secrets can be read, and only by those who should.
struct SecretCheck {
  let account: AccountSettings
  /// Who owns the queue: the user that the worker runs as, as far as it is known.
  var owner: uid_t?
  var viewer = Viewer()
  /// The mark of the app ticket that Feishu refused last.
  var refusedTicket: Int?
  let read: (SecretSource) -> Result<String, SecretProblem>

  /// What is fine is not listed.
  func findings() -> [Finding] {
    let ticket = account.storeApp?.ticket
    let sources = [account.secret, account.userToken, ticket].compactMap { $0 }
    return sources.compactMap(problem) + sources.compactMap(openness)
      + [ticket.flatMap(refusal), ticket.flatMap(age)].compactMap { $0 }
  }

  private func age(ofTicket source: SecretSource) -> Finding? {
    guard case .file(let path) = source, let facts = FileFacts(path), facts.isRegular else {
      return nil
    }
    let age = Span.seconds(time(nil) - facts.changed_s)
    if age <= Limits.ticketAge { return nil }
    return .warn(
      .ticketAge,
      "account '\(account.name)': app ticket \(path) has not been replaced for \(describeDuration(age)), "
        + "and Feishu pushes one every hour",
      fix: Self.newTicket(for: account.name))
  }

  static func newTicket(for app: String) -> String {
    "see that your backend gets the event app_ticket and gives it to: larkspur ticket --app \(app) -"
  }

  /// What a worker, or an earlier one, has been told.
  private func refusal(ofTicket source: SecretSource) -> Finding? {
    guard let refusedTicket, case .success(let ticket) = read(source),
      StableHash.mark(of: ticket.utf8) == refusedTicket
    else { return nil }
    return .wrong(
      .secret, "account '\(account.name)': Feishu has refused the app ticket in \(source.place)",
      fix: Self.newTicket(for: account.name))
  }

  private func problem(with source: SecretSource) -> Finding? {
    if case .file(let path) = source, Self.isNamedPipe(path) {
      return .unknown(
        .secret,
        "account '\(account.name)': secret file \(path) is a pipe, and reading it here would take "
          + "the secret from the worker",
        fix: "run 'larkspur work --check' when no worker is running")
    }
    guard case .failure(let problem) = read(source) else { return nil }
    return unreadable(source, "account '\(account.name)': \(problem.why)")
  }

  /// Open files of this process belong to the command line: `<(pass show feishu)`.
  static func isNamedPipe(_ path: String) -> Bool {
    let isOpenHere = ["/dev/fd/", "/dev/stdin", "/proc/"].contains { path.hasPrefix($0) }
    return FileFacts(path)?.isPipe == true && !isOpenHere
  }

  private func unreadable(_ source: SecretSource, _ summary: String) -> Finding {
    switch source {
    case .file(let path) where viewer.isKept(from: path, of: owner):
      return .unknown(.secret, summary, fix: "run this as the user who runs the worker")
    case .file where source == account.storeApp?.ticket:
      return .wrong(.secret, summary, fix: Self.newTicket(for: account.name))
    case .file(let path):
      let owner = owner ?? viewer.user
      return .wrong(
        .secret, summary,
        fix: "write the secret to \(path) and make it readable for \(Names.ofUser(owner)): chown "
          + "\(Names.word(ofUser: owner)) \(path) && chmod 600 \(path)")
    case .environment(let name):
      return .wrong(.secret, summary, fix: "set \(name) for the worker, or use app_secret_file")
    }
  }

  private func openness(of source: SecretSource) -> Finding? {
    guard case .file(let path) = source, let facts = FileFacts(path), facts.isRegular,
      facts.mode & 0o004 != 0
    else { return nil }
    return .warn(
      .secretMode, "every user can read secret file \(path) (mode \(facts.modeText))",
      fix: "chmod 600 \(path)")
  }
}
