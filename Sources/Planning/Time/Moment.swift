/// A moment on one clock, in milliseconds. Moments on different clocks cannot be compared: a slot
/// measured on the wall clock would move whenever someone sets it.
@frozen package struct Instant<Clock>: Hashable, Comparable, Sendable {
  package let ms: Int

  @inlinable package init(ms: Int) { self.ms = ms }

  @inlinable package static var max: Self { Self(ms: .max) }
  @inlinable package static var min: Self { Self(ms: .min) }
  /// Where the clock begins.
  @inlinable package static var zero: Self { Self(ms: 0) }

  @inlinable package static func < (left: Self, right: Self) -> Bool { left.ms < right.ms }
  @inlinable package static func == (left: Self, right: Self) -> Bool { left.ms == right.ms }

  @inlinable package static func + (moment: Self, span: Span) -> Self { Self(ms: moment.ms + span) }
  @inlinable package static func += (moment: inout Self, span: Span) { moment = moment + span }
  @inlinable package static func - (moment: Self, span: Span) -> Self { Self(ms: moment.ms - span) }
  @inlinable package static func - (left: Self, right: Self) -> Span { left.ms - right.ms }
}

/// Without this, Swift compares the two as arbitrary hashable values and finds them different.
@available(*, deprecated, message: "a moment is not a number")
package func == <Clock>(left: Instant<Clock>?, right: Int) -> Bool {
  preconditionFailure("a moment is not a number")
}

/// The queue's own clock: boot time plus an offset that is kept in the file. It continues across
/// restarts, and nobody can set it. Slots, budgets and pauses are measured on it.
package enum QueueTime {}
package typealias Moment = Instant<QueueTime>

/// Time since the machine started. It continues while the machine sleeps.
package enum BootTime {}
package typealias BootMoment = Instant<BootTime>

/// Milliseconds since 1970, UTC, according to the machine. Anyone can set it. It is used only for
/// people and for monthly quotas.
package enum WallTime {}
package typealias WallMoment = Instant<WallTime>

/// A length of time in milliseconds, on any clock.
package typealias Span = Int

extension Span {
  package static func seconds(_ count: Int) -> Span { count * 1_000 }
  package static func minutes(_ count: Int) -> Span { count * 60_000 }
  package static func hours(_ count: Int) -> Span { count * 3_600_000 }
  package static func days(_ count: Int) -> Span { count * 86_400_000 }
}

extension Int {
  /// This number, limited to about 30,000 years of milliseconds in either direction. A row may hold
  /// any integer, and arithmetic on the largest ones would overflow and end the program.
  package var bounded: Int { Swift.min(Swift.max(self, -Self.most), Self.most) }

  /// The largest number that a row can mean.
  package static let most = 1_000_000_000_000_000
}
