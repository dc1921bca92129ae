import Planning

/// How long before its budget opens a call is written to disk. Writing takes time on a busy machine
/// or a slow disk, and a call that is already on disk leaves at the very moment it may.
///
/// Asks that arrive during the lead time miss the call, so the lead is kept as short as possible.
struct LeadTime {
  /// How long the last turns took, oldest first.
  private var turns: [Span] = []

  private static let remembered = 8
  private static let longest: Span = 40

  mutating func note(turn span: Span) {
    if turns.count == Self.remembered { turns.removeFirst() }
    turns.append(span)
  }

  /// Twice the longest recent turn: another turn may have just begun when it is time.
  var span: Span { min(Self.longest, 2 * (turns.max() ?? 0)) }
}
