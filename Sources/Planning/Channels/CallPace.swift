/// How many calls are made lately, from which a month's calls are projected.
package struct CallPace: Hashable, Sendable {
  package let calls: Int
  package let span: Span

  /// Lately means within this.
  package static let window: Span = .days(7)
  /// A shorter history says little about a month.
  private static let shortest: Span = .hours(1)

  /// `first` is the oldest of the calls within the window. A history that is shorter than the window
  /// tells the pace only for as long as there is one.
  package init(calls: Int, since first: Moment?, at now: Moment) {
    self.calls = calls
    span = min(Self.window, max(Self.shortest, first.map { now - $0 } ?? 0))
  }

  /// How many calls this span brings at the same pace.
  package func expected(within span: Span) -> Int { calls * max(0, span) / self.span }

  /// How long it takes to make this many calls. Nil if none are made.
  package func time(for calls: Int) -> Span? {
    self.calls > 0 ? max(0, calls) * span / self.calls : nil
  }
}
