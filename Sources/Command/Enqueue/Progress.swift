import Terminal

/// One line on a terminal that overwrites itself, at most ten times a second.
struct Progress {
  private let isShown: Bool
  private let began_ms = steadyMilliseconds()
  private var shown_ms = 0

  init(_ global: GlobalOptions) { isShown = !global.isQuiet && Output.errorIsTerminal }

  /// `text` is given how many of `count` are done in a second.
  mutating func show(_ count: Int, _ text: (_ perSecond: Int) -> String) {
    guard isShown else { return }
    let now = steadyMilliseconds()
    guard now - shown_ms >= 100 else { return }
    shown_ms = now
    let rate = count * 1_000 / max(now - began_ms, 1)
    Output.raw("\r\u{1b}[Klarkspur: \(text(rate))")
  }

  mutating func clear() {
    if shown_ms != 0 { Output.raw("\r\u{1b}[K") }
    shown_ms = 0
  }
}

/// 1234567 as 1,234,567.
func grouped(_ number: Int) -> String {
  let digits = String(number)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0 && (digits.count - index) % 3 == 0 && text != "-" { text += "," }
    text.append(digit)
  }
  return text
}

/// `1 ask`, `2 asks`.
func counted(_ number: Int, _ noun: String) -> String {
  "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}
