/// A moment on the queue's own clock, in milliseconds. Only differences mean anything to the core;
/// what the clock is and how it survives restarts is decided where it is read.
package typealias Moment = Int

/// A length of time in milliseconds.
package typealias Span = Int

extension Span {
  package static func seconds(_ count: Int) -> Span { count * 1_000 }
  package static func minutes(_ count: Int) -> Span { count * 60_000 }
  package static func hours(_ count: Int) -> Span { count * 3_600_000 }
  package static func days(_ count: Int) -> Span { count * 86_400_000 }
}

extension Moment {
  /// This moment, limited to 30,000 years either way. A row may hold any integer, and arithmetic on the
  /// largest ones would overflow and end the program.
  package var bounded: Moment { Swift.min(Swift.max(self, -Self.most), Self.most) }

  /// The largest number that a row can mean.
  package static let most = 1_000_000_000_000_000
}
