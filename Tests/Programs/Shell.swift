import Foundation
import Testing

/// A `sqlite3` that stays open, as in another window.
package final class Shell {
  private let input = Pipe()
  private let started: Started
  private var count = 0

  package init(_ queue: String) throws {
    started = try Programs.startOther("sqlite3", [queue], input: input)
  }

  /// Runs a line to its end.
  package func run(_ line: String) throws {
    count += 1
    let mark = "line \(count) is done"
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\nselect '\(mark)';\n".utf8))
    let isDone = eventually { started.output.contains(mark) }
    #expect(isDone, "\(line): \(started.errors)")
  }

  package var output: String { started.output }

  /// Ends it as closing the window would.
  package func end() throws {
    try input.fileHandleForWriting.close()
    _ = started.finish()
  }
}
