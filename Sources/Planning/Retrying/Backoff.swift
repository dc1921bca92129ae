/// How long to wait before trying again. The wait doubles and has full jitter, so that lanes that
/// failed together do not come back together.
package struct Backoff: Hashable, Sendable {
  package let first: Span
  package let longest: Span

  package init(first: Span, longest: Span) {
    self.first = first
    self.longest = longest
  }

  /// The wait after the given number of failures in a row. `dice` is a random number.
  package func wait(afterFailures failures: Int, dice: UInt64) -> Span {
    let doublings = min(max(failures - 1, 0), 30)
    return Self.part(of: min(longest, first << doublings), dice: dice)
  }

  /// A random part of the full wait, chosen by where `dice` lies among all 64-bit numbers.
  static func part(of full: Span, dice: UInt64) -> Span {
    Int(UInt64(full + 1).multipliedFullWidth(by: dice).high)
  }
}
