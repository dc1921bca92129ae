/// The exit codes, as the README lists them. Those from 64 to 78 are from `sysexits.h`.
package enum ExitCode: Int32, Sendable {
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
}

/// The error a program ends with: what failed, on what, and what to do next.
package struct Failure: Error, Equatable, Sendable {
  package let code: ExitCode
  /// A single line. A line break in it is printed as an escape, like control characters in quoted
  /// text.
  package let sentence: String

  package init(_ code: ExitCode, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }
}
