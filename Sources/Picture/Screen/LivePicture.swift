import Terminal

/// A queue at one moment, as lines of a given width. It is computed from the figures each time and
/// knows nothing about the terminal.
package struct LivePicture {
  private static let channelsMost = 8
  private static let troublesMost = 4

  private let figures: LiveFigures
  /// Nil where the times of calls are of no interest.
  private let zone: LocalZone?
  private let hasSeveralAccounts: Bool

  package init(_ figures: LiveFigures, zone: LocalZone?) {
    self.figures = figures
    self.zone = zone
    let accounts = Set(figures.channels.map(\.account) + figures.calls.map(\.account))
    hasSeveralAccounts = accounts.count > 1
  }

  /// All of it, below a title. The most important comes first, because the rest is cut off.
  package func lines(title: String, columns: Int, rows: Int) -> [ScreenLine] {
    let head =
      [[ScreenSpan(title, .faint)]] + verdict(columns) + [[]] + channels(columns) + lanes(columns)
      + asks(columns)
    let troubles = figures.troubles.isEmpty ? [] : [[], Self.heading("not delivered")] + troubles
    let room = rows - head.count - troubles.count - 2
    let calls =
      room > 0 && !figures.calls.isEmpty
      ? [[], Self.heading("latest calls")] + calls(atMost: room) : []
    return (head + calls + troubles).prefix(max(0, rows)).map { ScreenText.cut($0, to: columns) }
  }

  private static func heading(_ text: String) -> ScreenLine { [ScreenSpan(text, .strong)] }

  private func verdict(_ columns: Int) -> [ScreenLine] {
    let style: ScreenSpan.Style =
      switch figures.verdict.tone {
      case .well: .good
      case .late: .strong
      case .wrong: .bad
      }
    return ScreenText.wrapped(
      printable(capitalized(figures.verdict.sentence)), style, columns)
  }

  /// The calls of each channel against its budget.
  package func channels(_ columns: Int) -> [ScreenLine] {
    figures.channels.prefix(Self.channelsMost).flatMap { channel -> [ScreenLine] in
      let name = hasSeveralAccounts ? "\(channel.account): \(channel.api)s" : "\(channel.api)s"
      let stopped = channel.stopped.map {
        [ScreenSpan(ScreenText.label("")), ScreenSpan(printable($0), .bad)]
      }
      let budgets = channel.budgets.enumerated().map { place, budget -> ScreenLine in
        let label = ScreenText.label(place == 0 ? name : "")
        let text =
          "\(grouped(budget.calls)) of \(grouped(budget.most)) calls in \(spelled(budget.per_ms))"
        let width = min(30, columns - label.count - text.count - 3)
        let bar = ScreenText.bar(budget.calls, of: budget.most, width: width)
        return [ScreenSpan(label)] + bar + [ScreenSpan(bar.isEmpty ? text : " \(text)")]
      }
      let shown =
        budgets.isEmpty ? [[ScreenSpan(ScreenText.label(name)), ScreenSpan("no limit")]] : budgets
      return shown + (stopped.map { [$0] } ?? [])
    }
  }

  package func lanes(_ columns: Int) -> [ScreenLine] {
    var parts = [
      ScreenSpan("\(grouped(figures.lanesDue)) due"),
      ScreenSpan("\(grouped(figures.lanesWaiting)) waiting"),
    ]
    if figures.lanesPaused > 0 {
      parts.append(ScreenSpan("\(grouped(figures.lanesPaused)) paused"))
    }
    if figures.lanesParked > 0 {
      parts.append(ScreenSpan("\(grouped(figures.lanesParked)) parked", .bad))
    }
    parts.append(ScreenSpan("\(grouped(figures.lanesInFlight)) in flight"))
    parts.append(
      ScreenSpan("\(grouped(figures.lanesDead)) dead", figures.lanesDead > 0 ? .bad : .plain))
    if let oldest = figures.oldestDue_ms {
      parts.append(ScreenSpan("the oldest due for \(spelled(oldest))"))
    }
    return ScreenText.flow("lanes", parts, columns)
  }

  private func asks(_ columns: Int) -> [ScreenLine] {
    ScreenText.flow(
      "asks",
      [
        ScreenSpan("\(grouped(figures.asksNew)) new"),
        ScreenSpan("\(grouped(figures.asksDelayed)) delayed"),
      ], columns)
  }

  package func calls(atMost most: Int) -> [ScreenLine] {
    figures.calls.prefix(most).map { call in [ScreenSpan(text(call), .faint)] }
  }

  private var troubles: [ScreenLine] {
    figures.troubles.prefix(Self.troublesMost).map { call in
      [
        ScreenSpan(text(call), .bad),
        ScreenSpan(call.answer.map { ": \(printable($0))" } ?? "", .plain),
      ]
    }
  }

  /// `#61 14:05:07 10 previews for 45 users, delivered in 61 ms`.
  private func text(_ call: LiveFigures.Call) -> String {
    let moment = zone.map { "\($0.second(call.began_ms)) " } ?? ""
    let time = call.took_ms.map { " in \(spelled($0))" } ?? ""
    let owner = hasSeveralAccounts ? "\(call.account): " : ""
    return ScreenText.label("  #\(call.number)") + moment + owner
      + "\(Self.load(of: call)), \(printable(call.outcome))\(time)"
  }

  private static func load(of call: LiveFigures.Call) -> String {
    guard let audience = call.audience else { return "a \(call.api)" }
    let users =
      switch audience {
      case .everyone: "everyone"
      case .users(let count): counted(count, "user")
      }
    return "\(counted(call.lanes, "preview")) for \(users)"
  }
}
