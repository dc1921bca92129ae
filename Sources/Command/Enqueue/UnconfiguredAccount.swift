import Larkspur
import Terminal

extension GlobalOptions {
  /// Called once the asks are on disk, so a failure to look is not an error.
  func warnIfUnconfigured(in intake: borrowing Intake) {
    warnIfUnconfigured((try? intake.isUnconfigured(accountToAsk)) == true)
  }

  func warnIfUnconfigured(_ isUnconfigured: Bool) {
    if !isUnconfigured { return }
    say(
      "account '\(printable(accountToAsk))' is not in the worker's configuration; its asks wait "
        + "until it is added")
  }
}
