import Terminal

/// What `larkspur doctor` was asked to do. Both programs read the same words.
package struct DoctorArguments: Equatable, Sendable {
  package var database: String?
  package var config: String?
  /// Only this account's configuration is looked at.
  package var account: String?
  package var report: String?
  package var isOnline = false
  package var isStrict = false
  package var wantsJSON = false
  package var isQuiet = false

  /// The options besides the global ones.
  package static let options = [
    Option("--online"), Option("--strict"), Option("--report", .one), Option("--config", .one),
  ]

  private static let known =
    options + [
      Option("--db", .one), Option("--account", .one), Option("--json"), Option("--quiet"),
      Option("--help"), Option("--version"),
    ]

  package enum Request: Equatable, Sendable {
    case help, version
    case examine(DoctorArguments)
  }

  /// The words after `doctor`.
  package static func parse(_ words: [String]) throws(Failure) -> Request {
    let options = try Options(words, knowing: known)
    if options.has("--help") { return .help }
    if options.has("--version") { return .version }
    return .examine(try DoctorArguments(options))
  }

  package init() {}

  package init(_ options: Options) throws(Failure) {
    if let extra = options.operands.first {
      throw Failure(
        .usage, "larkspur doctor takes no arguments, but was given '\(printable(extra))'")
    }
    for name in ["--db", "--account", "--report", "--config"] where options.one(name) == "" {
      throw Failure(.usage, "\(name) is empty; give a value, or leave \(name) out")
    }
    database = options.one("--db")
    account = options.one("--account")
    config = options.one("--config")
    report = options.one("--report")
    isOnline = options.has("--online")
    isStrict = options.has("--strict")
    wantsJSON = options.has("--json")
    isQuiet = options.has("--quiet")
  }
}
