/// How a program ends, as the README lists it. The numbers above 63 are those of `sysexits.h`.
package enum ExitCode: Int32, Sendable {
  case done = 0
  /// Something that was asked for is dead: it was refused for good and is kept with its reason.
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
  /// Ended by a closed terminal, Ctrl-C or SIGTERM, in the numbers a shell gives to a program that a
  /// signal ended.
  case hungUp = 129
  case interrupted = 130
  case terminated = 143
}

/// The one error a person sees: what happened, to what, and what to do about it.
package struct Failure: Error, Equatable, Sendable {
  package let code: ExitCode
  /// On one line. A line break would be shown as an escape, as it is in text from outside.
  package let sentence: String

  package init(_ code: ExitCode, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }
}
