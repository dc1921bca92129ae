/// How much of a long piece of work is done at a time, so that nobody waits for the write lock for longer
/// than anybody would notice.
package struct Slice: Sendable, Equatable {
  /// Rows to look at, or to change, at most.
  package private(set) var rows = 500

  package init() {}

  /// What the last slice took. The next one is at most twice as large: that one may have been an easy one.
  package mutating func note(took span: Span) {
    let fitting = span > 0 ? rows * Self.goal / span : rows * 2
    rows = min(max(fitting, Self.fewest), rows * 2, Self.most)
  }

  private static let goal: Span = 10
  /// Where the disk is so slow that these take too long, fewer would not be faster.
  private static let fewest = 20
  private static let most = 5_000
}
