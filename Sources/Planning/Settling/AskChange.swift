/// The users of a lane's asks who are done with, because they were reached or refused.
package enum Done: Hashable, Sendable {
  case reached(Audience)
  case refused(Audience, reason: String)

  package var people: Audience {
    switch self {
    case .reached(let people), .refused(let people, _): people
    }
  }
}

/// What is left of an audience when some of it is done with.
package struct Remainder: Hashable, Sendable {
  package let left: Audience
  package let gone: Audience

  /// Nil if no ask of a lane that wanted `wants` can want this audience. Then someone has changed
  /// the row by hand, which must not refresh anyone.
  package init?(of wanted: Audience, in wants: Audience, after done: Done) {
    guard !wanted.isEmpty, wanted == wants || wanted.isSubset(of: wants) else { return nil }
    left = wanted.subtracting(done.people)
    gone = left.isEmpty ? wanted : left == wanted ? .nobody : wanted.subtracting(left)
  }
}

/// What happens to one ask.
package enum AskChange: Hashable, Sendable {
  case stays
  /// It wants no other users. With a `trouble` it is dead: an ask with a refused user is not
  /// delivered, even if all others were reached.
  case ends(trouble: String?, refused: Audience)
  /// It continues with the users who are left.
  case narrows(refused: Audience, trouble: String?)

  /// `trouble` is why the ask can no longer be delivered to all of its users, if that is known
  /// already.
  package init(_ remainder: Remainder, after done: Done, trouble: String?) {
    if remainder.gone.isEmpty {
      self = .stays
      return
    }
    var (refused, trouble) = (Audience.nobody, trouble)
    if case .refused(_, let reason) = done {
      refused = remainder.gone
      trouble = "\(Self.partlyRefused): \(reason)"
    }
    self =
      remainder.left.isEmpty
      ? .ends(trouble: trouble, refused: refused) : .narrows(refused: refused, trouble: trouble)
  }

  package static let partlyRefused =
    "refused for some of its open_ids, see the column refused"
}
