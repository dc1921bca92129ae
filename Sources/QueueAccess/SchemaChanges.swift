import Larkspur
import Terminal

/// Shows progress on a terminal while an older queue is migrated to the current schema.
package func showSchemaChanges() {
  let line = ProgressLine()
  let began_ms = steadyMilliseconds()
  SchemaChange.listen { change in
    guard let change else { return line.clear() }
    let seconds = (steadyMilliseconds() - began_ms) / 1_000
    // A migration that takes less than a second needs no message.
    if seconds == 0 { return }
    line.show {
      "larkspur: migrating queue \(printable(change.path)) from schema \(change.from) to "
        + "\(change.to): \(seconds) s"
    }
  }
}
