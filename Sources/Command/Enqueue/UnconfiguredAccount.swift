import Larkspur
import Terminal

extension GlobalOptions {
  /// Called once the asks are on disk, so a failure to look is not an error.
  func warnIfUnconfigured(in intake: borrowing Intake) {
    guard (try? intake.isUnconfigured(accountToAsk)) == true else { return }
    say(
      "account '\(printable(accountToAsk))' is not in the worker's configuration; its asks wait "
        + "until it is added")
  }
}
