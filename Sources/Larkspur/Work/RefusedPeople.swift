import Planning

/// Users whom Feishu refused while it accepted others for the same token. The same users are often
/// asked for with a thousand tokens. Finding them takes several calls, so the result is remembered.
extension WorkerStore {
  /// How long a refusal is remembered. Feishu may accept the user later.
  private static let memory: Span = .days(1)

  func remember(
    refused: Audience, reason: String, account: Int, at now: Moment
  ) throws(StoreError) {
    guard case .people(let people) = refused else { return }
    for person in people {
      try db.execute(
        "insert or replace into refused_person (account_id, open_id, reason, since_ms) values (?, ?, ?, ?)",
        .int(account), .text(person), .text(reason), .of(now))
    }
    refusedPeople[account] = nil
  }

  package func forgetRefusedPeople(at now: Moment) throws(StoreError) {
    try db.execute("delete from refused_person where since_ms < ?", .of(now - Self.memory))
    forgetWhatAPersonMayChange()
  }

  /// Removes refused users from what a lane wants before it goes into a call, and from what the
  /// lanes that would share the call want. True if there were any; the next lane must then be
  /// chosen again.
  func dropRefusedPeople(
    from lane: DueLane, account: Int, _ work: inout Int, at now: Moment, _ settled: inout Settled
  ) throws(StoreError) -> Bool {
    let known = try refusals(account)
    if known.isEmpty { return false }
    let wants = try audience(lane.audienceID)
    guard let dropped = wants.refused(known) else { return false }
    // Only due lanes: one that is not due yet may still want users whose asks have expired. It is
    // checked before it goes, and a change here would lose that check.
    let alike = try db.all(
      """
      select id, name, slot_ms from lane
      where id = ?1 or id in (
        select id from lane indexed by lanes_wanting_this_audience
        where audience_id = ?2 and state = 'waiting' and group_id is null and urgent = ?5
          and max(ready_ms, spread_ms) <= ?4
        order by max(ready_ms, spread_ms) limit ?3)
      """, .int(lane.id), .int(lane.audienceID), .int(Preview.tokensPerCall), .of(now),
      .int(lane.turn.urgency.rawValue)
    ) { (row) throws(StoreError) in (id: row.int(0), name: row.text(1), slot: row.moment(2)) }
    for member in alike where work > 0 {
      let asks = CarriedAsks(lane: member.id, name: member.name, callNumber: .max, call: nil)
      var review =
        dropping.removeValue(forKey: member.id)
        ?? AskReview(
          asks, account: account, of: wants, .refused(dropped.people, reason: dropped.reason))
      review.goOn(with: wants)
      guard try goOn(&review, &work, at: now) else {
        dropping[member.id] = review
        return true
      }
      if let trouble = review.trouble { settled.dead.append((member.name, trouble)) }
      try db.execute(
        "update lane set group_id = null, people_max = null, strikes = 0, proven = 0 where id = ?",
        .int(member.id))
      let isLeft =
        review.hasGrown
        ? try wantWhatIsLeft(member.id, account: account, &work, at: now)
        : try want(review.rest, of: member.id, slot: member.slot, account: account, at: now)
      if !isLeft { settled.idle += 1 }
    }
    return true
  }

  /// False if `left` is nobody.
  private func want(
    _ left: Audience, of lane: Int, slot: Moment, account: Int, at now: Moment
  ) throws(StoreError) -> Bool {
    if left.isEmpty {
      // Nothing was sent, but the slot also tells pruning since when the lane is unused.
      try idle([lane], slot: max(slot, now))
      return false
    }
    let audience = try number(of: left, account: account, at: now)
    try db.execute(
      "update lane set audience_id = ?, many_calls = ? where id = ?", .int(audience),
      .of(try takesManyCalls(audience)), .int(lane))
    try refreshTimes(of: lane)
    return true
  }

  func refusals(_ account: Int) throws(StoreError) -> [String: String] {
    if let known = refusedPeople[account] { return known }
    var people: [String: String] = [:]
    try db.each("select open_id, reason from refused_person where account_id = ?", .int(account)) {
      (row) throws(StoreError) in people[row.text(0)] = row.text(1)
    }
    refusedPeople[account] = people
    return people
  }
}
