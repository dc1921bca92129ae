/// How much of a long task to do at a time, so that nobody notices the wait for the write lock.
package struct Slice: Sendable, Equatable {
  /// The most rows to read or change in one slice.
  package private(set) var rows = 500

  package init() {}

  /// Adjusts the size to how long the last slice took. It at most doubles, because the last slice
  /// may have been an easy one.
  package mutating func note(took span: Span) {
    let fitting = span > 0 ? rows * Self.goal / span : rows * 2
    rows = min(max(fitting, Self.fewest), rows * 2, Self.most)
  }

  private static let goal: Span = 10
  /// If these take too long, the disk is slow, and fewer rows would not be faster.
  private static let fewest = 20
  private static let most = 5_000
}
