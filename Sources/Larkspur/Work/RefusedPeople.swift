import Planning

/// People whom Feishu has refused while it accepted others with the same token. The same people are
/// often asked for with a thousand tokens; what it took some calls to find out once is not found out
/// again for each of them.
extension WorkerStore {
  /// For how long: whoever was refused may have been let in meanwhile.
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

  /// Takes refused people out of what a lane that comes up for a call wants, and out of what the
  /// lanes want that would share its call. True when there were any, and the lane has to be looked
  /// for again.
  func dropRefusedPeople(
    from lane: DueLane, account: Int, _ work: inout Int, at now: Moment, _ settled: inout Settled
  ) throws(StoreError) -> Bool {
    let known = try refusals(account)
    if known.isEmpty { return false }
    let wants = try audience(lane.audienceID)
    guard let dropped = wants.refused(known) else { return false }
    // One that is not due yet may still want people whose asks have expired: it is looked at before it goes,
    // and that must not be forgotten.
    let alike = try db.all(
      """
      select id, name, slot_ms from lane
      where id = ?1 or id in (
        select id from lane indexed by lanes_wanting_this_audience
        where audience_id = ?2 and state = 'waiting' and group_id is null and ready_ms <= ?4
        order by ready_ms limit ?3)
      """, .int(lane.id), .int(lane.audienceID), .int(Preview.tokensPerCall), .of(now)
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

  /// False when that is nobody.
  private func want(
    _ left: Audience, of lane: Int, slot: Moment, account: Int, at now: Moment
  ) throws(StoreError) -> Bool {
    if left.isEmpty {
      // Nothing was sent, but from here on the lane counts as unused.
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
