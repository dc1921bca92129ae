import Delivery
import Terminal

/// What `larkspur work` was asked to do, already checked. Nothing here has touched a file.
package struct WorkArguments: Equatable {
  enum Log: String, CaseIterable { case text, json }

  package var mode: WorkMode
  package var database: String?
  package var config: String?
  var log: Log?
  /// Where to write metrics.
  var metrics: String?
  package var isQuiet = false
  var wantsJSON = false

  package enum Request: Equatable {
    case help
    case version
    /// Only checks the configuration and the secrets.
    case check(WorkArguments)
    case work(WorkArguments)
  }

  static let options = [
    Option("--once"), Option("--until-empty"), Option("--for", .one), Option("--check"),
    Option("--db", .one),
    Option("--config", .one), Option("--log", .one), Option("--quiet"), Option("--json"),
    Option("--metrics", .one), Option("--account", .one), Option("--help"), Option("--version"),
  ]

  package static func parse(_ words: [String]) throws(Failure) -> Request {
    let options = try Options(words, knowing: options)
    if options.has("--help") { return .help }
    if options.has("--version") { return .version }
    if let extra = options.operands.first {
      throw Failure(
        .usage,
        "unexpected argument '\(printable(extra))'; see 'larkspur work --help'")
    }
    if options.has("--account") {
      throw Failure(
        .usage,
        "--account does not apply to work, which delivers for every configured account")
    }
    if options.has("--once") && options.has("--until-empty") {
      throw Failure(.usage, "--once and --until-empty cannot be used together")
    }
    let goal: WorkMode.Goal =
      options.has("--once") ? .once : options.has("--until-empty") ? .untilEmpty : .stay
    var arguments = WorkArguments(mode: WorkMode(goal: goal))
    if let span = options.one("--for") { arguments.mode.limit = try parseDuration(span) }
    arguments.database = options.one("--db")
    arguments.config = options.one("--config")
    arguments.log = try options.one("--log").map(log)
    arguments.metrics = options.one("--metrics")
    if arguments.metrics == "" {
      throw Failure(.usage, "--metrics is empty; give a path, or leave --metrics out")
    }
    arguments.isQuiet = options.has("--quiet")
    arguments.wantsJSON = options.has("--json")
    if !options.has("--check") { return .work(arguments) }
    for name in ["--once", "--until-empty", "--for", "--log", "--metrics"] where options.has(name) {
      throw Failure(.usage, "--check delivers nothing; leave \(name) out")
    }
    return .check(arguments)
  }

  private static func log(_ word: String) throws(Failure) -> Log {
    guard let log = Log(rawValue: word) else {
      throw Failure(.usage, "--log takes text or json, not '\(printable(word))'")
    }
    return log
  }

  package static let help = """
    larkspur work: deliver what was asked for

    usage: larkspur work [--once | --until-empty] [--for 55s] [options]
           larkspur work --check [--config FILE] [--json]

      --once          deliver everything that is due now, as fast as the rate limit allows, then
                      exit; what becomes due later is left to the next run (cron)
      --until-empty   also wait for what becomes due later, including asks delayed by --after,
                      and exit when nothing is left
      --for SPAN      start no new calls after this long (500ms, 55s, 5m, 2h)
      --check         only check the configuration and the secrets: print a line for each account,
                      then exit. The queue and the network are not used (see: larkspur doctor)

      --db PATH       the queue (or LARKSPUR_DB; default
                      $XDG_STATE_HOME/larkspur/queue.db, else ~/.local/state/larkspur/queue.db)
      --config FILE   accounts and their limits (or LARKSPUR_CONFIG; default
                      $XDG_CONFIG_HOME/larkspur/config.json, else ~/.config/larkspur/config.json)
      --log FORMAT    log what happens on standard error, one line each: text, with time and level
                      (info, warning or error), or json, with time, level, event, message and a
                      field for each fact; errors that keep it from starting, too
      --metrics PATH  write metrics for Prometheus to this file, at most every 15 s and at the end
                      (see: larkspur metrics --help)
      --quiet         print only errors
      --json          at the end, print a summary as one JSON object: calls, lanes_done,
                      lanes_left, asks_died, asks_delayed; an error is one object on standard
                      error: error, code, fix, console_url, log_id, retryable, details

    Without --once, --until-empty and --for, it runs until SIGTERM or Ctrl-C. Without a configuration
    file there is one account, 'default', set in the environment.

    environment:
      LARKSPUR_APP_ID                  the app's id
      LARKSPUR_APP_SECRET_FILE         a file with the app's secret
      LARKSPUR_APP_SECRET              or the secret itself
      LARKSPUR_BASE_URL                another host
      LARKSPUR_USER_ACCESS_TOKEN_FILE  a file with a user access token for sessions
      SSL_CERT_FILE                    a file of certificates to trust instead of the system's;
                                       "ca_file" in the configuration does the same for one account

    A worker that stays logs as with --log text. In systemd's journal, each line has a priority in
    place of time and level. On a terminal, the last line says what it waits for and until when.
    Under systemd (Type=notify, WatchdogSec=), the worker also reports when it is ready, reloads
    and stops, what it waits for, and that it is not hung.

    Secrets are read at startup and again for each new access token. An account whose secret cannot
    be read waits while the others go on; a worker that keeps running tries again every 30 s.

    A second run on the same queue exits at once. The first SIGTERM or Ctrl-C waits for the calls
    in flight; the second does not. Closing the terminal ends a worker that was started from it.

    The configuration is reloaded when its file changes, and on SIGHUP where no terminal can send
    it (cron, systemd, setsid, nohup). Accounts are added, changed and removed without a restart;
    the asks of a removed account wait. An invalid file changes nothing.

    examples:
      * * * * *  larkspur work --for 55s          # cron
      larkspur work --until-empty                 # by hand, with progress

    exit: 0 done · 1 something asked for is dead · 69 Feishu cannot be reached ·
          74 the queue cannot be used · 75 time is up, or something due was left ·
          77 credentials or permission · 78 configuration
    with --check: 0 well · 66 FILE is missing · 77 a secret cannot be read · 78 configuration
    """
}
