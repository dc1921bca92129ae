import Planning

/// What the lanes that have been due longest want. This is bounded, so that a call costs the same
/// no matter how many lanes are due and how many users they want.
extension WorkerStore {
  /// How many lanes, audiences and users are looked at to cut a large audience, and to fill a call
  /// with lanes that want different audiences.
  private static let lanesCompared = 256
  private static let audiencesCompared = 16
  private static let peopleCutCleverly = 5_000
  private static let lanesThatMayShare = 512
  static let peopleCompared = 20_000
  private static let peopleWhoMayShare = 8_000

  /// Audiences to consider when a large one is cut into calls; empty if it is too large for that.
  func cutters(
    of large: Audience, _ pick: Pick
  ) throws(StoreError) -> [Demand] {
    var demands: [Demand] = []
    var people = large.count ?? 0
    if people > Self.peopleCutCleverly { return [] }
    for (id, lanes, _) in try demand(pick, limit: Self.lanesCompared) {
      people += try audience(id).count ?? 0
      if demands.count == Self.audiencesCompared || people > Self.peopleCompared { break }
      demands.append(Demand(try numbered(id), lanes: lanes))
    }
    return demands
  }

  /// Audiences that fit into one call and contain no refused user.
  func sharers(_ pick: Pick) throws(StoreError) -> [Demand] {
    let refused = try refusals(pick.accountID)
    var demands: [Demand] = []
    var people = 0
    for (id, lanes, isWide) in try demand(pick, limit: Self.lanesThatMayShare) {
      if isWide { continue }
      let audience = try audience(id)
      guard case .people(let named) = audience,
        refused.isEmpty || named.allSatisfy({ refused[$0] == nil })
      else { continue }
      people += named.count
      if people > Self.peopleWhoMayShare { break }
      demands.append(Demand(try numbered(id), lanes: lanes))
    }
    return demands
  }

  /// The audiences of the first lanes in turn, in that order, and how many of these lanes want each.
  private func demand(
    _ pick: Pick, limit: Int
  ) throws(StoreError) -> [(audience: Int, lanes: Int, isWide: Bool)] {
    var places: [Int: Int] = [:]
    var demand: [(audience: Int, lanes: Int, isWide: Bool)] = []
    try wantsInTurn(pick, limit: limit) { (row) throws(StoreError) in
      guard row.bool(2) else { return }
      let audience = row.int(0)
      if let place = places[audience] {
        demand[place].lanes += 1
      } else {
        places[audience] = demand.count
        demand.append((audience, 1, row.bool(1)))
      }
    }
    return demand
  }
}
