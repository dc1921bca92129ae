import Basics
import Larkspur
import QueueAccess
import Terminal

/// The options every command takes, before or after its name.
struct GlobalOptions: Equatable {
  var database: String?
  var account: String?
  var wantsJSON = false
  var isQuiet = false

  static let known = [
    Option("--db", .one), Option("--account", .one), Option("--json"), Option("--quiet"),
    Option("--help"), Option("--version"),
  ]

  init() {}

  init(_ options: Options) throws(Failure) {
    database = options.one("--db")
    account = options.one("--account")
    wantsJSON = options.has("--json")
    isQuiet = options.has("--quiet")
    if database == "" {
      throw Failure(.usage, "--db is empty; give a path, or leave --db out")
    }
    if account == "" {
      throw Failure(.usage, "--account is empty; the usual account is 'default'")
    }
  }

  /// The account that new asks belong to.
  var accountToAsk: String { account ?? "default" }

  /// Prints a sentence for the user, unless `--quiet` is given.
  func say(_ sentence: @autoclosure () -> String) {
    if !isQuiet { Output.sentence(sentence()) }
  }

  func queue() throws(Failure) -> QueuePlace {
    try QueuePlace(flag: database)
  }
}

let versionLine = "larkspur \(larkspurBuild)"
