/// The calls of one API that count against its monthly quota.
///
/// If the clock is set across the end of a month, it is unclear which month the server is in. So
/// two months are kept: the one the clock shows now and the one it showed before. Each counts every
/// call that may belong to it.
package struct MonthlyCalls: Hashable, Sendable {
  package struct Month: Hashable, Sendable {
    /// Months since January 1970 in the quota's time zone.
    package var number: Int
    package var calls: Int
    /// When the month is over, by the clock in use when it was counted.
    package var ends: Moment

    package init(number: Int, calls: Int, ends: Moment) {
      self.number = number
      self.calls = calls
      self.ends = ends
    }
  }

  /// The month the clock shows.
  package private(set) var shown: Month
  /// The month the clock showed before, if calls were counted in it.
  package private(set) var other: Month?

  package init(shown: Month = Month(number: 0, calls: 0, ends: .zero), other: Month? = nil) {
    self.shown = shown
    self.other = other
  }

  /// The clock now shows the month `number`, which ends at `ends`.
  package mutating func turn(to number: Int, ends: Moment, at now: Moment) {
    if number == shown.number { return }
    let next = number < shown.number ? earlier(number, at: now) : later(number, ends: ends)
    var left = [shown]
    if let other, other.number != number, now < other.ends { left.append(other) }
    let fullest = left.max { $0.calls < $1.calls }
    other = fullest.flatMap { $0.calls > 0 ? $0 : nil }
    shown = next
  }

  /// The clock went back. The calls counted meanwhile belong to this month as well. A month that
  /// was over stays over, so that it limits nothing once the clock is right again.
  private func earlier(_ number: Int, at now: Moment) -> Month {
    if let other, other.number <= number {
      return Month(number: number, calls: other.calls, ends: other.ends)
    }
    return Month(number: number, calls: max(shown.calls, other?.calls ?? 0), ends: now)
  }

  /// The clock went forward. A count started for this month while the clock was wrong by days is
  /// dropped: a clock that is a month ahead for a minute must not use up two quotas.
  private func later(_ number: Int, ends: Moment) -> Month {
    var calls = 0
    if let other, other.number == number, abs(other.ends - ends) <= Self.clockError {
      calls = other.calls
    }
    return Month(number: number, calls: calls, ends: ends)
  }

  private static let clockError: Span = .days(2)

  /// A call is about to leave. The month the clock shows ends at `ends`.
  package mutating func count(ends: Moment, at now: Moment) {
    shown.calls += 1
    if now < shown.ends { shown.ends = ends }
    other?.calls += 1
  }

  /// Takes back a call that was counted since the month last changed.
  package mutating func giveBack() {
    shown.calls = max(0, shown.calls - 1)
    if let calls = other?.calls { other?.calls = max(0, calls - 1) }
  }

  /// Of the months the server may be in at `now`, the one with more calls.
  package func fullest(at now: Moment) -> Month {
    guard let other, now < other.ends, other.calls > shown.calls else { return shown }
    return other
  }
}
