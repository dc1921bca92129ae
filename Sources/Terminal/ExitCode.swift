/// The exit codes, as the README lists them. Those from 64 to 78 are from `sysexits.h`.
package enum ExitCode: Int32, CaseIterable, Sendable {
  case done = 0
  /// Something that was asked for was not delivered: it is dead and kept with its reason, or
  /// `--wait` saw it expire or be cancelled.
  case dead = 1
  case usage = 64
  case badInput = 65
  case inputMissing = 66
  case unreachable = 69
  case databaseNotCreated = 73
  case databaseNotUsable = 74
  case timeIsUp = 75
  case noPermission = 77
  case configuration = 78
  /// Ended by a closed terminal, Ctrl-C or SIGTERM. The numbers are those a shell reports for a
  /// program that a signal ended.
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  /// The word for it in JSON. The words are an interface: they never change.
  package var name: String {
    switch self {
    case .done: "done"
    case .dead: "dead"
    case .usage: "usage"
    case .badInput: "bad_input"
    case .inputMissing: "input_missing"
    case .unreachable: "unreachable"
    case .databaseNotCreated: "queue_not_created"
    case .databaseNotUsable: "queue_not_usable"
    case .timeIsUp: "time_is_up"
    case .noPermission: "no_permission"
    case .configuration: "configuration"
    case .hungUp: "hung_up"
    case .interrupted: "interrupted"
    case .terminated: "terminated"
    }
  }

  /// Whether the same command may succeed later although nobody has fixed anything. A program that a
  /// person stopped is not for a script to start again.
  package var isRetryable: Bool { self == .unreachable || self == .timeIsUp }
}
