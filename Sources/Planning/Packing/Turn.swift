/// Which of a channel's due lanes goes next.
package enum Turn {
  /// Whether the search for a refused token or open_id goes before the other lane that has been due
  /// longest, since `first`. A suspected lane counts as due since it was asked for, because since
  /// then it has only waited for slots. Behind a long queue it would be unknown for hours whom to
  /// leave out of the calls that follow.
  package static func isSuspects(askedSince since: Moment, first: Moment?) -> Bool {
    first.map { $0 >= since } ?? true
  }
}

extension Audience {
  /// The users of this audience who were refused before, and the reason for the first one. Nil if
  /// there are none.
  package func refused(_ known: [String: String]) -> (people: Audience, reason: String)? {
    guard case .people(let people) = self else { return nil }
    let refused = people.filter { known[$0] != nil }
    guard let first = refused.first, let reason = known[first] else { return nil }
    return (.people(refused), reason)
  }
}
