/// How much a line of the log matters. The words are an interface.
enum LogLevel: String, CaseIterable {
  /// What was done.
  case info
  /// The worker goes on by itself, but somebody may want to know.
  case warning
  /// Something is not delivered until a person acts. Printed with `--quiet`, too.
  case error

  /// The priority that the journal takes from the beginning of a line, as in `syslog.h`.
  var priority: Int {
    switch self {
    case .info: 6
    case .warning: 4
    case .error: 3
    }
  }
}
