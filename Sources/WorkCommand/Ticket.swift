import Basics
import Configuring
import Delivery
import Glibc
import Terminal

/// `larkspur ticket`: stores the app ticket that Feishu has pushed to a store app's backend. The worker
/// reads it when it needs an access token.
enum Ticket {
  static func run(_ words: [String]) throws(Failure) -> ExitCode {
    switch try TicketArguments.parse(words) {
    case .help: Output.result(TicketArguments.help)
    case .version: Output.result("larkspur \(larkspurBuild)")
    case .store(let arguments):
      let path = try file(of: arguments)
      try store(try ticket(), in: path)
      if arguments.wantsJSON {
        Output.result(
          JSONObject([("app", .text(arguments.app)), ("app_ticket_file", .text(path))]).text)
      }
    }
    return .done
  }

  private static func file(of arguments: TicketArguments) throws(Failure) -> String {
    let apps = try Settings.accounts(config: arguments.config).filter { $0.storeApp != nil }
    guard let app = apps.first(where: { $0.name == arguments.app })?.storeApp else {
      let names = apps.map(\.name).sorted().joined(separator: ", ")
      throw Failure(
        .configuration,
        "the configuration has no store app '\(printable(arguments.app))'; "
          + (names.isEmpty ? "add one under \"apps\"" : "give one of: \(names)"))
    }
    guard case .file(let path) = app.ticket else {
      throw Failure(
        .configuration, "the ticket of app '\(printable(arguments.app))' does not come from a file")
    }
    return path
  }

  /// What arrives on standard input, in one line. It is a secret, so no message repeats it.
  private static func ticket() throws(Failure) -> [UInt8] {
    let bytes: [UInt8]
    switch TextFile.readInput(atMost: sizeMax) {
    case .success(let read): bytes = read
    case .failure(let problem):
      throw Failure(.badInput, "cannot read the ticket from standard input: \(problem.why)")
    }
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let ticket = Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    if ticket.isEmpty { throw Failure(.badInput, "standard input holds no ticket") }
    // The event itself would be stored as a ticket that Feishu refuses.
    let marks = [UInt8(ascii: "{"), UInt8(ascii: "\"")]
    guard !ticket.contains(where: marks.contains), ticket.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Failure(
        .badInput,
        "standard input is not a ticket: a ticket is one word of visible ASCII, the member "
          + "\"app_ticket\" of Feishu's event")
    }
    return ticket
  }

  private static let sizeMax = 100_000

  private static func store(_ ticket: [UInt8], in path: String) throws(Failure) {
    var facts = stat()
    if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
      throw Failure(
        .configuration,
        "\(printable(path)) is not a regular file, and the ticket would replace it; name another one in "
          + "app_ticket_file")
    }
    let code = ReplacedFile.write(ticket + [0x0A], to: path, mode: 0o600)
    guard let code else { return }
    throw Failure(
      .configuration, "cannot write the ticket to \(printable(path)): \(systemMessage(code))")
  }
}

/// What `larkspur ticket` was asked to do.
struct TicketArguments: Equatable {
  var app: String
  var config: String?
  var wantsJSON = false

  enum Request: Equatable {
    case help
    case version
    case store(TicketArguments)
  }

  static let options = [
    Option("--app", .one), Option("--config", .one), Option("--quiet"), Option("--json"),
    Option("--help"), Option("--version"),
  ]

  static func parse(_ words: [String]) throws(Failure) -> Request {
    let options = try Options(words, knowing: options)
    if options.has("--help") { return .help }
    if options.has("--version") { return .version }
    guard let app = options.one("--app"), !app.isEmpty else {
      throw Failure(.usage, "--app is missing; see 'larkspur ticket --help'")
    }
    guard options.operands == ["-"] else {
      throw Failure(
        .usage,
        "the ticket is read from standard input, because other users can see arguments: "
          + "… | larkspur ticket --app \(printable(app)) -")
    }
    return .store(
      TicketArguments(app: app, config: options.one("--config"), wantsJSON: options.has("--json")))
  }

  static let help = """
    larkspur ticket: store the app ticket that Feishu pushes to a store app

    usage: larkspur ticket --app NAME - [--config FILE] [--json]

      --app NAME      the store app, as in the configuration under "apps"
      -               read the ticket from standard input; a ticket is a secret, and other users can
                      see arguments
      --config FILE   the configuration (or LARKSPUR_CONFIG; default
                      $XDG_CONFIG_HOME/larkspur/config.json, else ~/.config/larkspur/config.json)
      --json          print the app and the file as an object

    Feishu pushes the event app_ticket to your backend every hour. Give its member "app_ticket" to
    this command: it replaces the file that "app_ticket_file" names as a whole, readable only by its
    owner, and the worker reads it when it needs an access token.

    example:
      printf %s "$TICKET" | larkspur ticket --app acme -

    exit: 0 stored · 64 usage · 65 no ticket on standard input · 66 FILE is missing ·
          78 configuration, or the file cannot be written
    """
}
