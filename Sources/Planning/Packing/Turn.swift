/// Whose turn it is among the lanes of a channel that are due.
package enum Turn {
  /// Whether the search for what was refused goes on before the lane that became due first at `first`. The
  /// suspected lane has been due since it was asked for: it only had to wait for its slot. Behind a long queue
  /// nobody would know for hours who is to be kept out of the calls that follow.
  package static func isSuspects(askedSince since: Moment, first: Moment?) -> Bool {
    first.map { $0 >= since } ?? true
  }
}

extension Audience {
  /// Those of it who were refused before, and why the first of them was; nil where there are none.
  package func refused(_ known: [String: String]) -> (people: Audience, reason: String)? {
    guard case .people(let people) = self else { return nil }
    let refused = people.filter { known[$0] != nil }
    guard let first = refused.first, let reason = known[first] else { return nil }
    return (.people(refused), reason)
  }
}
