/// A lane that is due, and whom it still has to reach.
package struct Candidate: Hashable, Sendable {
  package let lane: Int
  package let wants: Audience

  package init(lane: Int, wants: Audience) {
    self.lane = lane
    self.wants = wants
  }
}

/// One call to be made: these lanes, all of them for this audience.
package struct CallDraft: Hashable, Sendable {
  package let audience: Audience
  package let lanes: [Int]

  package init(audience: Audience, lanes: [Int]) {
    self.audience = audience
    self.lanes = lanes
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
  /// Whom the call that `opener` opens goes to. An audience that takes several calls is cut where
  /// another lane that is due can use the same piece; failing that, in its own order, so that lanes
  /// that want the same people cut alike.
  package static func chunk(for opener: Candidate, neighbours: [Candidate]) -> Audience {
    guard case .people(let people) = opener.wants, people.count > Limits.peoplePerCall else {
      return opener.wants
    }
    let plain = Audience.people(Array(people.prefix(Limits.peoplePerCall)))
    if people.count > peopleCutCleverly { return plain }
    let mine = Set(people)
    let others = distinct(neighbours)
    // The plain piece comes first and only a better one replaces it, so that the same lanes always
    // give the same plan.
    var best = (piece: plain, saved: callsSaved(by: plain, of: mine.count, others))
    for case let piece? in others.map({ sharedPiece(people, mine, $0) }) where piece != best.piece {
      let saved = callsSaved(by: piece, of: mine.count, others)
      let isLarger = (piece.count ?? 0) > (best.piece.count ?? 0)
      if saved > best.saved || saved == best.saved && saved > 0 && isLarger {
        best = (piece, saved)
      }
    }
    return best.piece
  }

  /// Whom a lane goes to while a refused open_id is looked for. Alone, people are taken from the
  /// ends and the middle in turn: neighbours in a list are often refused for the same reason, and
  /// three of them would condemn the token.
  package static func probe(for wants: Audience, peopleMax: Int, strikes: Int) -> Audience {
    guard case .people(let people) = wants, people.count > peopleMax else { return wants }
    guard peopleMax == 1 else { return .people(Array(people.prefix(peopleMax))) }
    return .people([people[[0, people.count - 1, people.count / 2][min(strikes, 2)]]])
  }

  /// Bounds on what one call may cost to plan, however many people are wanted: some milliseconds.
  private static let peopleCutCleverly = 5_000
  private static let audiencesCompared = 16

  private struct Neighbour {
    let people: [String]
    let members: Set<String>
    var lanes = 1
  }

  /// The first few different audiences of the neighbours, with how many lanes want each.
  private static func distinct(_ neighbours: [Candidate]) -> [Neighbour] {
    var places: [Audience: Int] = [:]
    var found: [Neighbour] = []
    for neighbour in neighbours {
      if let place = places[neighbour.wants] {
        found[place].lanes += 1
      } else if case .people(let people) = neighbour.wants, found.count < audiencesCompared {
        places[neighbour.wants] = found.count
        found.append(Neighbour(people: people, members: Set(people)))
      }
    }
    return found
  }

  /// The part of a large audience that a neighbour wants too, if it fits into one call.
  private static func sharedPiece(
    _ people: [String], _ mine: Set<String>, _ other: Neighbour
  ) -> Audience? {
    if other.people.count <= Limits.peoplePerCall {
      return other.members.isSubset(of: mine) ? .people(other.people) : nil
    }
    let shared = people.lazy.filter { other.members.contains($0) }.prefix(Limits.peoplePerCall)
    return shared.isEmpty ? nil : .people(Array(shared))
  }

  /// How many lanes need one call less when a lane that wants `size` people sends this piece now.
  private static func callsSaved(
    by piece: Audience, of size: Int, _ others: [Neighbour]
  ) -> Int {
    guard case .people(let people) = piece, saves(people.count, of: size) else { return -1 }
    var saved = 0
    for other in others {
      if other.people == people {
        // Lanes that want just this piece fill calls of ten by themselves; only a call with a place
        // left over has room for the opener.
        saved += other.lanes % Limits.tokensPerCall == 0 ? 0 : 1
      } else if saves(people.count, of: other.people.count),
        people.allSatisfy({ other.members.contains($0) })
      {
        saved += other.lanes
      }
    }
    return min(saved, Limits.tokensPerCall - 1)
  }

  private static func saves(_ piece: Int, of size: Int) -> Bool {
    Audience.callsNeeded(for: size - piece) < Audience.callsNeeded(for: size)
  }

  /// The call that `opener` opens, to exactly `chunk`: lanes that want just this first, then those
  /// that this piece brings one call nearer to their end.
  package static func fillExactly(
    _ chunk: Audience, opener: Candidate, equal: [Candidate], wide: [Candidate]
  ) -> CallDraft {
    let nearer = wide.lazy.filter { $0.lane != opener.lane && $0.wants.isBroughtNearer(by: chunk) }
    let companions = equal.filter { $0.lane != opener.lane }.map(\.lane) + nearer.map(\.lane)
    let lanes = [opener.lane] + companions.prefix(Limits.tokensPerCall - 1)
    return CallDraft(audience: chunk, lanes: lanes)
  }

  /// The call that `opener` opens when pairs nobody asked for are allowed: the lane that adds the
  /// fewest people comes next, the longest due among equals.
  package static func fillCovering(
    _ chunk: Audience, opener: Candidate, due: [Candidate], extraPairsMax: Int
  ) -> CallDraft {
    guard case .people(let first) = chunk else {
      return fillExactly(chunk, opener: opener, equal: due.filter { $0.wants == chunk }, wide: [])
    }
    var covered = Set(first)
    var lanes = [opener.lane]
    var wantedPairs = first.count
    var pool = due.filter { $0.lane != opener.lane && $0.wants.count != nil }
    while lanes.count < Limits.tokensPerCall {
      let room = Limits.peoplePerCall - covered.count
      var best: (index: Int, added: Int)?
      for (index, candidate) in pool.enumerated() {
        guard case .people(let people) = candidate.wants else { continue }
        let added = people.count { !covered.contains($0) }
        let pairs = (covered.count + added) * (lanes.count + 1)
        guard added <= room, pairs - wantedPairs - people.count <= extraPairsMax else { continue }
        if best.map({ added < $0.added }) ?? true { best = (index, added) }
        if added == 0 { break }
      }
      guard let best, case .people(let people) = pool[best.index].wants else { break }
      covered.formUnion(people)
      wantedPairs += people.count
      lanes.append(pool.remove(at: best.index).lane)
    }
    return CallDraft(audience: Audience(of: covered), lanes: lanes)
  }
}
