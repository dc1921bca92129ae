import Larkspur
import Terminal

/// Should an older queue have to be brought up to date, a person who watches sees it go on.
package func showSchemaChanges() {
  let line = ProgressLine()
  let began_ms = steadyMilliseconds()
  SchemaChange.listen { change in
    guard let change else { return line.clear() }
    let seconds = (steadyMilliseconds() - began_ms) / 1_000
    // What is over at once needs no words.
    if seconds == 0 { return }
    line.show {
      "larkspur: the queue \(printable(change.path)) is brought from schema \(change.from) to "
        + "\(change.to): \(seconds) s"
    }
  }
}
