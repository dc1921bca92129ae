import Planning

/// What the lanes want that have been due longest: bounded, so that a call costs the same however many
/// lanes are due and however many people they want.
extension WorkerStore {
  /// Lanes looked at, and people, to cut a large audience and to fill a call with different ones.
  private static let lanesCompared = 256
  private static let audiencesCompared = 16
  private static let peopleCutCleverly = 5_000
  private static let lanesThatMayShare = 512
  static let peopleCompared = 20_000
  private static let peopleWhoMayShare = 8_000

  /// The audiences that a large one may be cut by; none for one that is too large to be cut cleverly.
  func cutters(
    of large: Audience, _ channel: Channel, at now: Moment
  ) throws(StoreError) -> [Demand] {
    var demands: [Demand] = []
    var people = large.count ?? 0
    if people > Self.peopleCutCleverly { return [] }
    for (id, lanes, _) in try demand(channel, at: now, limit: Self.lanesCompared) {
      people += try audience(id).count ?? 0
      if demands.count == Self.audiencesCompared || people > Self.peopleCompared { break }
      demands.append(Demand(try numbered(id), lanes: lanes))
    }
    return demands
  }

  /// The audiences that fit into one call and name nobody who was refused.
  func sharers(_ channel: Channel, at now: Moment) throws(StoreError) -> [Demand] {
    let refused = try refusals(channel.account)
    var demands: [Demand] = []
    var people = 0
    for (id, lanes, isWide) in try demand(channel, at: now, limit: Self.lanesThatMayShare) {
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

  /// The audiences of the lanes that have been due longest, in that order, and how many of these
  /// lanes want each.
  private func demand(
    _ channel: Channel, at now: Moment, limit: Int
  ) throws(StoreError) -> [(audience: Int, lanes: Int, isWide: Bool)] {
    var places: [Int: Int] = [:]
    var demand: [(audience: Int, lanes: Int, isWide: Bool)] = []
    try db.each(
      """
      select audience_id, many_calls, group_id is null from lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting' and ready_ms <= ?
      order by ready_ms limit ?
      """, .int(channel.account), .text(channel.kind.rawValue), .of(now), .int(limit)
    ) { (row) throws(StoreError) in
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
