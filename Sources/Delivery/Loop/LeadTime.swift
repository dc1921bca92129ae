import Planning

/// How long before its budget opens a call is written down. That takes its time where a lot is going on
/// or the disk is slow; a call that is on disk by then leaves at the very moment it may.
///
/// What is asked of a lane in that time comes too late for the call, so the lead is no longer than it has
/// to be.
struct LeadTime {
  /// What the last turns took, the oldest first.
  private var turns: [Span] = []

  private static let remembered = 8
  private static let longest: Span = 40

  mutating func note(turn span: Span) {
    if turns.count == Self.remembered { turns.removeFirst() }
    turns.append(span)
  }

  /// Twice a turn: another one may have just begun when it is time.
  var span: Span { min(Self.longest, 2 * (turns.max() ?? 0)) }
}
