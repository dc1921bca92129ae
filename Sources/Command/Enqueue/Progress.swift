import Terminal

/// How far a command has come, and how fast.
struct Progress {
  private let line: ProgressLine
  private let began_ms = steadyMilliseconds()

  init(_ global: GlobalOptions) {
    line = ProgressLine(isShown: !global.isQuiet && Output.errorIsTerminal)
  }

  /// Shows `text`, which is given the rate so far: `count` per second since the start.
  func show(_ count: Int, _ text: (_ perSecond: Int) -> String) {
    let now = steadyMilliseconds()
    line.show(at: now) { "larkspur: \(text(count * 1_000 / max(now - began_ms, 1)))" }
  }

  func clear() { line.clear() }
}
