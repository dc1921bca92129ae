import Larkspur
import Terminal

/// An error of a command line that says too little for a `Narrator`.
package enum EarlyFailure {
  package static func tell(_ failure: Failure) {
    let now = SystemClocks.read(boot: nil).wall
    if ProcessArguments.contain("--log", "json") || ProcessArguments.contain("--log=json") {
      Output.raw(LogLine.json(.failed(failure), at: now) + "\n")
    } else if Journal.readsStandardError && !ProcessArguments.contain("--json") {
      Output.raw(LogLine.text(.failed(failure), .journal, at: now) + "\n")
    } else {
      Output.failure(failure)
    }
  }
}
