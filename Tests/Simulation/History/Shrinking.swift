extension History {
  /// A shorter history that still breaks a promise. Leaves out steps, large pieces first, while the
  /// history still breaks. `breaks` tests a history; `isOver` ends the search.
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
  /// Simpler routes, the simplest first: one that never changes, without and with jitter, then
  /// those with one change less.
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
