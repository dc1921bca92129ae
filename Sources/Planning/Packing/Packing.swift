/// A due lane and the audience it still has to reach.
package struct Candidate: Hashable, Sendable {
  package let lane: Int
  package let wants: Audience

  package init(lane: Int, wants: Audience) {
    self.lane = lane
    self.wants = wants
  }
}

/// How an account fills its calls.
package enum Packing: Hashable, Sendable {
  /// Nobody's preview is refreshed unless it was asked for.
  case exact
  /// Lanes with different audiences share a call. At most this many (token, user) pairs of a call
  /// were not asked for.
  case cover(extraPairsMax: Int)

  /// The extra pairs of a full call for ten separate chats of ten users each: 1,000 pairs, 100 of
  /// them wanted.
  package static let defaultExtraPairsMax = 900
}

extension Packing {
  /// The audience of a lane's next call during the search for a refused open_id. Users tried alone
  /// are taken from the ends and the middle: neighbours in a list are often refused for the same
  /// reason, and three refusals would condemn the token.
  package static func probe(for wants: Audience, peopleMax: Int, strikes: Int) -> Audience {
    guard case .people(let people) = wants, people.count > peopleMax else { return wants }
    guard peopleMax == 1 else { return .people(Array(people.prefix(peopleMax))) }
    return .people([people[[0, people.count - 1, people.count / 2][min(strikes, 2)]]])
  }

  /// The call that `opener` opens, to exactly `chunk`. Lanes that want exactly this audience join
  /// first, then lanes that need one call less because of it.
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
