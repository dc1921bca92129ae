extension Packing {
  /// Whom the call that `opener` opens goes to. An audience that takes several calls is cut where
  /// another lane that is due can use the same piece; failing that, in its own order, so that lanes
  /// that want the same people cut alike.
  package static func chunk(for opener: Candidate, neighbours: [Demand]) -> Audience {
    guard case .people(let people) = opener.wants, people.count > Limits.peoplePerCall else {
      return opener.wants
    }
    let plain = Array(0..<Limits.peoplePerCall)
    if people.count > peopleCutCleverly { return .people(plain.map { people[$0] }) }
    let cut = Cut(people, neighbours.prefix(audiencesCompared))
    // The plain piece comes first and only a better one replaces it, so that the same lanes always
    // give the same plan.
    var best = (piece: plain, saved: cut.callsSaved(by: plain))
    for piece in cut.sharedPieces where piece != best.piece {
      let saved = cut.callsSaved(by: piece)
      if saved > best.saved || saved == best.saved && saved > 0 && piece.count > best.piece.count {
        best = (piece, saved)
      }
    }
    return .people(best.piece.map { people[$0] })
  }

  /// Bounds on what one call may cost to plan, however many people are wanted: a millisecond.
  private static let peopleCutCleverly = 5_000
  package static let audiencesCompared = 16
}

/// A large audience that is to be cut. Its people are known by their places in it here, which is
/// quicker to compare than names are.
private struct Cut {
  private let size: Int
  private let others: [Other]

  private struct Other {
    let size: Int
    let lanes: Int
    /// Its people who are in the large audience, in order.
    let shared: [Int]
    /// For each place in the large audience, whether this one has that person, too.
    let has: [Bool]
  }

  init(_ people: [String], _ neighbours: some Sequence<Demand>) {
    size = people.count
    let places = Dictionary(uniqueKeysWithValues: zip(people, 0...))
    others = neighbours.compactMap { neighbour in
      guard case .people(let theirs) = neighbour.audience else { return nil }
      var has = Array(repeating: false, count: people.count)
      for person in theirs { if let place = places[person] { has[place] = true } }
      return Other(
        size: theirs.count, lanes: neighbour.lanes, shared: has.indices.filter { has[$0] }, has: has)
    }
  }

  /// The parts that others want too, where these fit into one call.
  var sharedPieces: [[Int]] {
    others.compactMap { other in
      if other.size > Limits.peoplePerCall {
        return other.shared.isEmpty ? nil : Array(other.shared.prefix(Limits.peoplePerCall))
      }
      return other.shared.count == other.size ? other.shared : nil
    }
  }

  /// How many lanes need one call less when a lane that wants all sends this piece now.
  func callsSaved(by piece: [Int]) -> Int {
    guard Self.saves(piece.count, of: size) else { return -1 }
    var saved = 0
    for other in others {
      if other.size == piece.count, other.shared == piece {
        // Lanes that want just this piece fill calls of ten by themselves; only a call with a place
        // left over has room for the opener.
        saved += other.lanes % Limits.tokensPerCall == 0 ? 0 : 1
      } else if Self.saves(piece.count, of: other.size), piece.allSatisfy({ other.has[$0] }) {
        saved += other.lanes
      }
    }
    return min(saved, Limits.tokensPerCall - 1)
  }

  private static func saves(_ piece: Int, of size: Int) -> Bool {
    Audience.callsNeeded(for: size - piece) < Audience.callsNeeded(for: size)
  }
}
