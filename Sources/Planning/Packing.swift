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
  package static func chunk(
    for opener: Candidate, peopleMax: Int, neighbours: [Candidate]
  ) -> Audience {
    guard case .people(let people) = opener.wants, people.count > peopleMax else {
      return opener.wants
    }
    let plain = Audience.people(Array(people.prefix(peopleMax)))
    // While a refused open_id is being looked for, the piece decides, not its usefulness.
    guard peopleMax == Limits.peoplePerCall else { return plain }
    // The plain piece comes first and only a better one replaces it, so that the same lanes always
    // give the same plan.
    var best = (piece: plain, saved: callsSaved(by: plain, for: opener, among: neighbours))
    var tried: Set = [plain]
    for case let piece? in neighbours.lazy.map({ sharedPiece(people, $0.wants) })
    where tried.insert(piece).inserted {
      let saved = callsSaved(by: piece, for: opener, among: neighbours)
      let isLarger = (piece.count ?? 0) > (best.piece.count ?? 0)
      if saved > best.saved || saved == best.saved && saved > 0 && isLarger {
        best = (piece, saved)
      }
    }
    return best.piece
  }

  /// The part of a large audience that a neighbour wants too, if it fits into one call.
  private static func sharedPiece(_ people: [String], _ wants: Audience) -> Audience? {
    guard case .people(let theirs) = wants else { return nil }
    let members = Set(theirs)
    let shared = people.filter { members.contains($0) }
    if shared.isEmpty { return nil }
    if theirs.count <= Limits.peoplePerCall {
      return shared.count == theirs.count ? .people(shared) : nil
    }
    return .people(Array(shared.prefix(Limits.peoplePerCall)))
  }

  /// How many lanes need one call less when the opener sends this piece now.
  private static func callsSaved(
    by piece: Audience, for opener: Candidate, among neighbours: [Candidate]
  ) -> Int {
    guard opener.wants.isBroughtNearer(by: piece) else { return -1 }
    let equal = neighbours.count { $0.wants == piece }
    let nearer = neighbours.count { $0.wants != piece && $0.wants.isBroughtNearer(by: piece) }
    // Lanes that want just this piece fill calls of ten by themselves; only a call with a place
    // left over has room for the opener.
    let shareable = equal % Limits.tokensPerCall == 0 ? 0 : 1
    return min(shareable + nearer, Limits.tokensPerCall - 1)
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
