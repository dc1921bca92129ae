extension Packing {
  /// The first piece of an audience, regardless of other lanes.
  package static func chunk(of audience: Audience) -> Audience {
    guard case .people(let people) = audience, people.count > Preview.peoplePerCall else {
      return audience
    }
    return .people(Array(people.prefix(Preview.peoplePerCall)))
  }

  /// The audience of the call that `opener` opens. An audience that takes several calls is cut
  /// where another due lane can use the same piece. Otherwise it is cut in its own order, so that
  /// lanes with the same audience are cut alike.
  package static func chunk(for opener: NumberedAudience, neighbours: [Demand]) -> Audience {
    guard case .people(let people) = opener.audience, people.count > Preview.peoplePerCall else {
      return opener.audience
    }
    let plain = Array(0..<Preview.peoplePerCall)
    let cut = Cut(opener, neighbours)
    // The plain piece comes first and only a better one replaces it, so that the same lanes always
    // produce the same plan.
    var best = (piece: plain, saved: cut.callsSaved(by: plain))
    for piece in cut.sharedPieces where piece != best.piece {
      let saved = cut.callsSaved(by: piece)
      if saved > best.saved || saved == best.saved && saved > 0 && piece.count > best.piece.count {
        best = (piece, saved)
      }
    }
    return .people(best.piece.map { people[$0] })
  }
}

/// A large audience to be cut. Here a user is identified by their index in it.
private struct Cut {
  private let size: Int
  private let others: [Other]

  private struct Other {
    let size: Int
    let lanes: Int
    /// Its users who are also in the large audience, in order.
    let shared: [Int]
    /// For each index in the large audience, whether this one contains that user too.
    let has: [Bool]
  }

  init(_ audience: NumberedAudience, _ neighbours: [Demand]) {
    size = audience.people.count
    let places = Dictionary(uniqueKeysWithValues: zip(audience.people, 0...))
    var others: [Other] = []
    for neighbour in neighbours where !neighbour.wants.people.isEmpty {
      var has = Array(repeating: false, count: audience.people.count)
      for person in neighbour.wants.people { if let place = places[person] { has[place] = true } }
      others.append(
        Other(
          size: neighbour.wants.people.count, lanes: neighbour.lanes,
          shared: has.indices.filter { has[$0] }, has: has))
    }
    self.others = others
  }

  /// The parts that others want too, if they fit into one call.
  var sharedPieces: [[Int]] {
    others.compactMap { other in
      if other.size > Preview.peoplePerCall {
        return other.shared.isEmpty ? nil : Array(other.shared.prefix(Preview.peoplePerCall))
      }
      return other.shared.count == other.size ? other.shared : nil
    }
  }

  /// How many lanes need one call less if a lane that wants the whole audience sends this piece
  /// now.
  func callsSaved(by piece: [Int]) -> Int {
    guard Self.saves(piece.count, of: size) else { return -1 }
    var saved = 0
    for other in others {
      if other.size == piece.count, other.shared == piece {
        // Lanes that want exactly this piece fill calls of ten by themselves. Only a call with a
        // place left has room for the opener.
        saved += other.lanes % Preview.tokensPerCall == 0 ? 0 : 1
      } else if Self.saves(piece.count, of: other.size), piece.allSatisfy({ other.has[$0] }) {
        saved += other.lanes
      }
    }
    return min(saved, Preview.tokensPerCall)
  }

  private static func saves(_ piece: Int, of size: Int) -> Bool {
    Audience.callsNeeded(for: size - piece) < Audience.callsNeeded(for: size)
  }
}
