import Delivery
import Terminal

/// What `larkspur work` was asked to do, already checked. Nothing here has touched a file.
struct WorkArguments: Equatable {
  enum Log: String, CaseIterable { case text, json }

  var mode: WorkMode
  var database: String?
  var config: String?
  var log: Log?
  var isQuiet = false
  var wantsJSON = false

  enum Request: Equatable {
    case help
    case version
    case work(WorkArguments)
  }

  private static let options = [
    Option("--once"), Option("--until-empty"), Option("--for", .one), Option("--db", .one),
    Option("--config", .one), Option("--log", .one), Option("--quiet"), Option("--json"),
    Option("--account", .one), Option("--help"), Option("--version"),
  ]

  static func parse(_ words: [String]) throws(Failure) -> Request {
    let options = try Options(words, knowing: options)
    if options.has("--help") { return .help }
    if options.has("--version") { return .version }
    if let extra = options.operands.first {
      throw Failure(
        .usage,
        "work takes no operand, but was given '\(printable(extra))'. See larkspur work --help.")
    }
    if options.has("--account") {
      throw Failure(
        .usage,
        "work serves every account of its configuration; --account is for asking and looking.")
    }
    if options.has("--once") && options.has("--until-empty") {
      throw Failure(.usage, "--once and --until-empty exclude each other; give one of them.")
    }
    let goal: WorkMode.Goal =
      options.has("--once") ? .once : options.has("--until-empty") ? .untilEmpty : .stay
    var arguments = WorkArguments(mode: WorkMode(goal: goal))
    if let span = options.one("--for") { arguments.mode.limit = try parseDuration(span) }
    arguments.database = options.one("--db")
    arguments.config = options.one("--config")
    arguments.log = try options.one("--log").map(log)
    arguments.isQuiet = options.has("--quiet")
    arguments.wantsJSON = options.has("--json")
    return .work(arguments)
  }

  private static func log(_ word: String) throws(Failure) -> Log {
    guard let log = Log(rawValue: word) else {
      throw Failure(.usage, "--log takes text or json, not '\(printable(word))'.")
    }
    return log
  }

  static let help = """
    larkspur work: deliver what was asked for

    usage: larkspur work [--once | --until-empty] [--for 55s] [options]

      --once          deliver everything that is due now, at the pace of the rate limit, then
                      exit; what comes due later is left to the next run (cron)
      --until-empty   wait for that too, also for asks that are delayed by --after, and exit
                      when nothing is left
      --for SPAN      start no call after this long (500ms, 55s, 5m, 2h)
      without any of these it runs until SIGTERM or Ctrl-C

      --db PATH       the queue (or LARKSPUR_DB; default
                      $XDG_STATE_HOME/larkspur/queue.db, else ~/.local/state/larkspur/queue.db)
      --config FILE   accounts and their limits (or LARKSPUR_CONFIG; default
                      $XDG_CONFIG_HOME/larkspur/config.json, else ~/.config/larkspur/config.json)
      --log FORM      one line for each call on standard error: text or json
      --quiet         print only what is wrong
      --json          at the end, print one JSON object that says what was done: calls,
                      lanes_done, lanes_left, asks_died, asks_delayed

    Without a configuration file there is one account, from the environment: LARKSPUR_APP_ID, and
    LARKSPUR_APP_SECRET_FILE or LARKSPUR_APP_SECRET; LARKSPUR_BASE_URL for another host.
    LARKSPUR_USER_ACCESS_TOKEN_FILE names a file with a user access token, for sessions.
    SSL_CERT_FILE names a file of certificates to trust in place of the system's; "ca_file" in the
    configuration does so for one account.

    Secrets are read at the start. An account whose secret cannot be read waits and the others go
    on; a worker that stays looks again every 30 s.

    A second run on the same queue exits at once. The first SIGTERM or Ctrl-C waits for the calls
    in flight; the second does not. A closed terminal ends a worker that was started on it.

    The configuration is read again when its file changes, and on SIGHUP where no terminal can
    send it (cron, systemd, setsid, nohup). Accounts are added, changed and removed without a
    restart; the asks of a removed one wait. A file that cannot be used changes nothing.

    examples:
      * * * * *  larkspur work --for 55s          # cron
      larkspur work --until-empty                 # by hand, with progress

    exit: 0 done · 1 something died · 69 Feishu cannot be reached · 74 the queue cannot be used ·
          75 something due was left · 77 credentials or permission · 78 configuration
    """
}
