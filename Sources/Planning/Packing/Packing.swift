/// A lane that is due, and whom it still has to reach.
package struct Candidate: Hashable, Sendable {
  package let lane: Int
  package let wants: Audience

  package init(lane: Int, wants: Audience) {
    self.lane = lane
    self.wants = wants
  }
}

/// How an account wants its calls filled.
package enum Packing: Hashable, Sendable {
  /// Nobody pulls who was not asked for.
  case exact
  /// Lanes with different audiences share a call; at most this many (token, person) pairs of a
  /// call are ones that nobody asked for.
  case cover(extraPairsMax: Int)

  /// What ten disjoint chats of ten people make of a full call: 1,000 pairs, 100 of them wanted.
  package static let defaultExtraPairsMax = 900
}

extension Packing {
  /// Whom a lane goes to while a refused open_id is looked for. Alone, people are taken from the
  /// ends and the middle in turn: neighbours in a list are often refused for the same reason, and
  /// three of them would condemn the token.
  package static func probe(for wants: Audience, peopleMax: Int, strikes: Int) -> Audience {
    guard case .people(let people) = wants, people.count > peopleMax else { return wants }
    guard peopleMax == 1 else { return .people(Array(people.prefix(peopleMax))) }
    return .people([people[[0, people.count - 1, people.count / 2][min(strikes, 2)]]])
  }

  /// The call that `opener` opens, to exactly `chunk`: lanes that want just this first, then those
  /// that this piece brings one call nearer to their end.
  package static func fillExactly(
    _ chunk: Audience, opener: Candidate, equal: [Candidate], wide: [Candidate]
  ) -> CallDraft {
    var lanes = [opener.lane]
    for other in equal where lanes.count < Preview.tokensPerCall && other.lane != opener.lane {
      lanes.append(other.lane)
    }
    for other in wide where lanes.count < Preview.tokensPerCall {
      if !lanes.contains(other.lane), other.wants.isBroughtNearer(by: chunk) {
        lanes.append(other.lane)
      }
    }
    return CallDraft(audience: chunk, lanes: lanes)
  }
}
