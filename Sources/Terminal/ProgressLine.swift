import Synchronization

/// One line on a terminal that overwrites itself.
package final class ProgressLine: Sendable {
  private let isShown: Bool
  private let apart_ms: Int
  /// When the line was last written; nil while none is shown.
  private let shown_ms = Mutex<Int?>(nil)

  package init(isShown: Bool = Output.errorIsTerminal, apart_ms: Int = 100) {
    self.isShown = isShown
    self.apart_ms = apart_ms
  }

  /// Shows the text, but not more often than the user can read it.
  package func show(at now_ms: Int = steadyMilliseconds(), _ text: () -> String) {
    guard isShown, Output.mayDrawOnError else { return }
    let isDue = shown_ms.withLock { last in
      if let shown = last, now_ms - shown < apart_ms { return false }
      last = now_ms
      return true
    }
    if !isDue { return }
    // What a narrow terminal wraps onto a second row would stay there.
    let text = text()
    Output.raw("\r\u{1b}[K" + (Output.errorColumns.map { String(text.prefix($0 - 1)) } ?? text))
  }

  /// Erases the line, so that later output starts on a line of its own.
  package func clear() {
    let wasShown = shown_ms.withLock { last in
      defer { last = nil }
      return last != nil
    }
    if wasShown { Output.raw("\r\u{1b}[K") }
  }
}
