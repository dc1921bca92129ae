import Doctor
import Planning
import Terminal

/// The words that name a command, and the options each takes besides the global ones.
enum CommandName: String, CaseIterable {
  case enqueue, work, status, list, explain, plan, forecast, doctor, metrics, report, top, retry,
    cancel,
    resume, prune, saw, forget, ticket, sandbox, demo, man, completions, help
  /// `init` is a word of Swift.
  case create = "init"

  var options: [Option] {
    switch self {
    case .enqueue:
      Aim.allOptions + [
        Option("--after", .one), Option("--expires-in", .one), Option("--wait", .optional),
        Option("--from", .one), Option("--urgent"),
      ]
    case .list:
      [
        Option("--state", .one), Option("--limit", .one), Option("--kind", .one),
        Option("--since", .one), Option("--key", .one),
      ]
    case .status: [Option("--check")]
    case .plan: [Option("--next", .one)]
    case .doctor: DoctorArguments.options
    case .metrics: [Option("--file", .one)]
    case .report:
      [
        Option("--since", .one), Option("--out", .one), Option("--full"), Option("--trace", .one),
      ]
    case .retry: [Option("--all-dead")]
    case .prune: [Option("--older-than", .one)]
    case .saw:
      [
        Option("--key", .many), Option("--url", .one), Option("--chat", .one),
        Option("--open-id", .one), Option("--from", .one), Option("--key-from", .one),
      ]
    case .forget: [Option("--token", .one), Option("--key", .one), Option("--open-id", .one)]
    case .create: [Option("--group", .one)]
    case .man: [Option("--all", .one)]
    case .work, .ticket, .explain, .forecast, .cancel, .resume, .sandbox, .demo, .completions, .top,
      .help:
      []
    }
  }

  /// The global options that mean something to it.
  var globalOptions: [Option] {
    let refused: Set<String> =
      switch self {
      case .demo: ["--db", "--account"]
      case .metrics: ["--account", "--json"]
      case .top: ["--json", "--quiet"]
      case .prune, .create: ["--account"]
      case .completions, .help: ["--db", "--account", "--json"]
      case .man: ["--db", "--account"]
      default: []
      }
    return GlobalOptions.known.filter { !refused.contains($0.name) }
  }

  init(word: String) throws(Failure) {
    guard let name = CommandName(rawValue: word) else {
      let near = nearest(to: word, among: CommandName.allCases.map(\.rawValue))
      let hint = near.map { "did you mean 'larkspur \($0)'?" } ?? "run 'larkspur help' for a list"
      throw Failure(.usage, "unknown command '\(printable(word))'; \(hint)")
    }
    self = name
  }
}

extension CommandName {
  /// The program that carries it out, if it is not this one, and the words that it is given first.
  var program: (name: String, words: [String])? {
    switch self {
    case .work: ("larkspur-work", [])
    // It needs the configuration, which this program does not read.
    case .ticket: ("larkspur-work", [rawValue])
    case .sandbox: ("larkspur-sandbox", [])
    default: nil
    }
  }
}
