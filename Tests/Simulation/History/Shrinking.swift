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
    for route in best.setup.route.simpler where !isOver() {
      var plainer = best
      plainer.setup.route = route
      if breaks(plainer) { return plainer }
    }
    return best
  }
}

extension Route {
  /// Routes with less to them, the plainest first: one that never changes, with or without what chance
  /// puts on top, and those that change once less.
  fileprivate var simpler: [Route] {
    let plain = Route.Leg(least: 20, jitter: [])
    let plainest = Stretch(from: 0, out: plain, work: plain, back: plain, isDrifting: false)
    let fewer = stretches.indices.dropFirst().map { index in
      var shorter = self
      shorter.stretches.remove(at: index)
      return shorter
    }
    return [Route(stretches: [plainest]), Route(stretches: Array(stretches.prefix(1)))] + fewer
  }
}
