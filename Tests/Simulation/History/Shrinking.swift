extension History {
  /// A shorter history that breaks a promise all the same: steps are left out, in large pieces first,
  /// for as long as it still breaks. `breaks` says whether one does; `isOver` when to be content.
  func shrunk(breaks: (History) -> Bool, isOver: () -> Bool) -> History {
    var best = self
    var piece = max(1, steps.count / 2)
    while !isOver() {
      var start = 0
      var hasShrunk = false
      while start < best.steps.count, !isOver() {
        var shorter = best
        shorter.steps.removeSubrange(start..<min(start + piece, best.steps.count))
        if breaks(shorter) {
          best = shorter
          hasShrunk = true
        } else {
          start += piece
        }
      }
      if piece == 1 && !hasShrunk { break }
      piece = max(1, piece / 2)
    }
    return best
  }
}
