import Doctor
import Planning
import Terminal

/// The words that name a command, and the options each takes besides the global ones.
enum CommandName: String, CaseIterable {
  case enqueue, work, status, list, explain, plan, forecast, doctor, metrics, retry, cancel, resume,
    prune, saw, forget, sandbox, demo, help
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
    case .retry: [Option("--all-dead")]
    case .prune: [Option("--older-than", .one)]
    case .saw:
      [
        Option("--key", .many), Option("--url", .one), Option("--chat", .one),
        Option("--open-id", .one), Option("--from", .one), Option("--key-from", .one),
      ]
    case .forget: [Option("--token", .one), Option("--key", .one), Option("--open-id", .one)]
    case .create, .work, .explain, .forecast, .cancel, .resume, .sandbox, .demo, .help: []
    }
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
