import Larkspur
import Terminal

extension GlobalOptions {
  /// Said once the asks are on disk. That it cannot be found out changes nothing about them.
  func warnIfUnconfigured(in intake: borrowing Intake) {
    guard (try? intake.isUnconfigured(accountToAsk)) == true else { return }
    say(
      "account '\(printable(accountToAsk))' is not in the worker's configuration; its asks wait until it "
        + "is added")
  }
}
