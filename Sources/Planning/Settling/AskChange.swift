/// Who is done with, of those whom a lane's asks want.
package enum Done: Hashable, Sendable {
  case reached(Audience)
  case refused(Audience, reason: String)

  package var people: Audience {
    switch self {
    case .reached(let people), .refused(let people, _): people
    }
  }
}

/// What an audience comes to when some of it is done with.
package struct Remainder: Hashable, Sendable {
  package let left: Audience
  package let gone: Audience

  /// Nil if no ask of a lane that wanted `wants` can want this: somebody has changed the row by hand, and
  /// nobody is refreshed because of that.
  package init?(of wanted: Audience, in wants: Audience, after done: Done) {
    guard !wanted.isEmpty, wanted == wants || wanted.isSubset(of: wants) else { return nil }
    left = wanted.subtracting(done.people)
    gone = left.isEmpty ? wanted : left == wanted ? .nobody : wanted.subtracting(left)
  }
}

/// What becomes of one ask.
package enum AskChange: Hashable, Sendable {
  case stays
  /// It wants nobody else. With a trouble it is dead: it has not been delivered if somebody of it was refused,
  /// although all others were reached.
  case ends(trouble: String?, refused: Audience)
  /// It goes on for those who are left.
  case narrows(refused: Audience, trouble: String?)

  /// `trouble` is why it cannot be delivered to all of its users any more, if that is known of it.
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
