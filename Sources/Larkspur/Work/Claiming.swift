import Planning

extension WorkerStore {
  /// When the lane of this channel that has been due longest became due, or when the first one
  /// will.
  package func nextReady(_ channel: Channel) throws(StoreError) -> Moment? {
    try db.first(
      """
      select min(ready_ms) from lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting'
      """, .int(channel.account), .text(channel.kind.rawValue)
    ) { (row) throws(StoreError) in row.optionalMoment(0) } ?? nil
  }

  /// Opens a call with the lane that has been due longest, fills it, and stores it as in flight;
  /// nil when no lane has been due since `horizon`.
  ///
  /// The slot is set as if the call were answered at the last possible moment. If this run ends
  /// before it records the answer, the next run finds the slot charged.
  ///
  /// A probe carries one lane, if possible one that has not failed, and at most one user. The user
  /// is a random one, because a single malformed open_id may be wanted by every lane that waits.
  package func claim(
    _ channel: Channel, packing: Packing, isProbe: Bool = false, _ terms: PackingTerms,
    at now: Moment,
    horizon: Moment, timeout: Span, _ settled: inout Settled
  ) throws(StoreError) -> ClaimedCall? {
    if channel.kind.rules.parcels != nil {
      return try claimParcel(
        channel, isProbe: isProbe, terms, at: now, horizon: horizon, timeout: timeout, &settled)
    }
    // Refused users are first removed from lanes that want them, ten lanes at a time, as far as one
    // turn has time for it.
    var work = Self.workAtOnce
    while work > 0 {
      let opener =
        isProbe
        ? try probedNext(channel, horizon: horizon) : try dueLongest(channel, horizon: horizon)
      guard let opener else { return nil }
      work -= 1
      if try dropRefusedPeople(from: opener, account: channel.account, &work, at: now, &settled) {
        continue
      }
      var read = [opener.id: opener]
      let draft =
        isProbe
        ? try probeDraft(opening: opener, terms)
        : try draft(opening: opener, channel, packing: packing, at: now, &read)
      return try claim(draft, read, channel, at: now, timeout: timeout)
    }
    return nil
  }

  /// `read` holds the lanes whose rows were already read.
  private func claim(
    _ draft: CallDraft, _ read: [Int: DueLane], _ channel: Channel, at now: Moment, timeout: Span
  ) throws(StoreError) -> ClaimedCall {
    let lanes = try draft.lanes.map { (id) throws(StoreError) in
      let lane = if let known = read[id] { known } else { try self.lane(id) }
      return lane.claimed(
        wanting: try self.audience(lane.audienceID), callNumber: lane.calls + 1)
    }
    let audience = try number(of: draft.audience, account: channel.account, at: now)
    try db.execute(
      "insert into call (account_id, api, lanes, audience_id, started_ms) values (?, ?, ?, ?, ?)",
      .int(channel.account), .text(channel.kind.rawValue),
      .text(Self.list(draft.lanes)), .int(audience), .of(now))
    let call = db.lastInsertID
    given.note(call: call)
    for lane in draft.lanes { given.note(lane: lane) }
    try db.execute(
      """
      update lane set state = 'in_flight', call_id = ?2, last_call = ?2, slot_ms = ?3, calls = calls + 1
      where id in (select value from json_each(?1))
      """, .text(Self.list(draft.lanes)), .int(call),
      .of(channel.kind.rules.pace.slot(started: now, timeout: timeout)))
    return ClaimedCall(
      id: call, channel: channel, started: now, timeout: timeout, lanes: lanes,
      load: .audience(draft.audience))
  }

  private func probeDraft(
    opening opener: DueLane, _ terms: PackingTerms
  ) throws(StoreError) -> CallDraft {
    let wants = try audience(opener.audienceID)
    return CallDraft(audience: wants.anyone(dice: terms.dice[0]), lanes: [opener.id])
  }

  private func draft(
    opening opener: DueLane, _ channel: Channel, packing: Packing, at now: Moment,
    _ read: inout [Int: DueLane]
  ) throws(StoreError) -> CallDraft {
    let candidate = try candidate(opener)
    if let group = opener.group {
      let chunk = Packing.probe(
        for: candidate.wants, peopleMax: opener.peopleMax ?? Preview.peoplePerCall,
        strikes: opener.strikes)
      let suspects = try self.suspects(group, channel, at: now).filter {
        chunk.isSubset(of: $0.wants)
      }
      return Packing.fillExactly(chunk, opener: candidate, equal: suspects, wide: [])
    }
    audiences.beginNumbering()
    let draft = try exactDraft(
      opening: candidate, audience: opener.audienceID, channel, at: now, &read)
    guard case .cover(let extraPairsMax) = packing, !draft.isFull, draft.audience != .everyone
    else { return draft }
    let neighbours = try sharers(channel, at: now)
    let chunk =
      draft.audience == candidate.wants
      ? try numbered(opener.audienceID) : audiences.numbered(draft.audience)
    var call = Covering(
      draft, to: chunk, neighbours: neighbours, numbers: audiences.namesInUse,
      extraPairsMax: extraPairsMax)
    while let audience = call.next() { call.take(try wanting(audience, channel, at: now, &read)) }
    return call.draft
  }

  /// Lanes that want the same as the opener are found however far behind it they wait. They are
  /// enough for most calls.
  private func exactDraft(
    opening opener: Candidate, audience: Int, _ channel: Channel, at now: Moment,
    _ read: inout [Int: DueLane]
  ) throws(StoreError) -> CallDraft {
    let alike = try wanting(audience, opener.wants, at: now, &read)
    if alike.count == Preview.tokensPerCall || opener.wants == .everyone {
      let chunk = Packing.chunk(of: opener.wants)
      return Packing.fillExactly(chunk, opener: opener, equal: alike, wide: [])
    }
    var (chunk, equal) = (opener.wants, alike)
    if opener.wants.callsNeeded > 1 {
      // Numbering many users takes time, and is useless without other audiences to compare with.
      let others = try cutters(of: opener.wants, channel, at: now)
      chunk =
        others.isEmpty
        ? Packing.chunk(of: opener.wants)
        : Packing.chunk(for: try numbered(audience), neighbours: others)
      equal = try wanting(chunk, channel, at: now, &read)
    }
    let wide = equal.count < Preview.tokensPerCall ? try wantingMany(channel, at: now) : []
    return Packing.fillExactly(
      chunk, opener: opener, equal: equal, wide: chunk == opener.wants ? wide : alike + wide)
  }
}

/// A waiting lane, as read from its row.
struct DueLane {
  let id: Int
  let name: String
  let audienceID: Int
  let ready: Moment
  let slot: Moment
  let calls: Int
  let trials: Trials
  let group: Int?
  let peopleMax: Int?
  let strikes: Int
  let isProven: Bool

  fileprivate init(_ row: borrowing Statement) {
    id = row.int(0)
    name = row.text(1)
    audienceID = row.int(2)
    ready = row.moment(3)
    slot = row.moment(4)
    calls = row.bounded(5)
    group = row.optionalInt(6)
    peopleMax = row.optionalInt(7).map { min($0, Preview.peoplePerCall) }
    strikes = row.count(8)
    isProven = row.bool(9)
    trials = Trials(row, from: 10)
  }

  fileprivate func claimed(wanting audience: Audience, callNumber: Int) -> ClaimedLane {
    ClaimedLane(
      id: id, name: name, callNumber: callNumber, trials: trials, ready: ready, slot: slot,
      wants: audience, group: group, peopleMax: peopleMax, strikes: strikes, isProven: isProven)
  }
}

extension WorkerStore {
  /// The lanes of a call that is under way.
  func claimedLanes(of call: Int) throws(StoreError) -> [ClaimedLane] {
    let lanes = try db.all(
      """
      select id, name, ifnull(audience_id, 0), ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits
      from lane indexed by lanes_in_flight where call_id = ? order by id
      """, .int(call)
    ) { (row) throws(StoreError) in DueLane(row) }
    return try lanes.map { (lane) throws(StoreError) in
      lane.claimed(
        wanting: lane.audienceID == 0 ? .nobody : try audience(lane.audienceID),
        callNumber: lane.calls)
    }
  }
}

extension WorkerStore {
  /// The lane that has been due longest. Among lanes from refused calls, the search that is closest
  /// to its end continues first: its result ends all searches for the same user.
  private func dueLongest(_ channel: Channel, horizon: Moment) throws(StoreError) -> DueLane? {
    let suspect = try db.first(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits, since_ms
      from lane indexed by lanes_under_suspicion
      where account_id = ? and kind = ? and group_id is not null and state = 'waiting'
        and ready_ms <= ?
      order by people_max is null, people_max, ready_ms limit 1
      """, .int(channel.account), .text(channel.kind.rawValue), .of(horizon)
    ) { (row) throws(StoreError) in (lane: DueLane(row), since: row.moment(15)) }
    guard let suspect else { return try firstDue(channel, horizon: horizon) }
    let other = try firstDue(channel, horizon: horizon)
    return Turn.isSuspects(askedSince: suspect.since, first: other?.ready) ? suspect.lane : other
  }

  /// The lane for a probe: one that has not failed, while there are any.
  private func probedNext(_ channel: Channel, horizon: Moment) throws(StoreError) -> DueLane? {
    if let lane = try firstDue(channel, horizon: horizon, isUntried: true) { return lane }
    return try firstDue(channel, horizon: horizon)
  }

  /// The lane that became due first, suspected or not.
  private func firstDue(
    _ channel: Channel, horizon: Moment, isUntried: Bool = false
  ) throws(StoreError) -> DueLane? {
    try db.first(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits
      from lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting' and ready_ms <= ?
        and not (? and failed_ms is not null)
      order by ready_ms limit 1
      """, .int(channel.account), .text(channel.kind.rawValue), .of(horizon), .of(isUntried)
    ) { (row) throws(StoreError) in DueLane(row) }
  }

  private func lane(_ id: Int) throws(StoreError) -> DueLane {
    let lane = try db.first(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits
      from lane where id = ?
      """, .int(id)
    ) { (row) throws(StoreError) in DueLane(row) }
    guard let lane else { throw .damagedRow("lane \(id) is missing") }
    return lane
  }

  private func candidate(_ lane: DueLane) throws(StoreError) -> Candidate {
    Candidate(lane: lane.id, wants: try audience(lane.audienceID))
  }

  /// Due lanes that want exactly this audience.
  private func wanting(
    _ chunk: Audience, _ channel: Channel, at now: Moment, _ read: inout [Int: DueLane]
  ) throws(StoreError) -> [Candidate] {
    try wanting(try number(of: chunk, account: channel.account, at: now), chunk, at: now, &read)
  }

  private func wanting(
    _ audience: Int, _ wants: Audience, at now: Moment, _ read: inout [Int: DueLane]
  ) throws(StoreError) -> [Candidate] {
    let lanes = try db.all(
      """
      select id, name, audience_id, ready_ms, slot_ms, calls, group_id, people_max, strikes,
        proven, evidence, attempts, failed_ms, failing_ms, limits
      from lane indexed by lanes_wanting_this_audience
      where audience_id = ? and state = 'waiting' and group_id is null and ready_ms <= ?
      order by ready_ms limit ?
      """, .int(audience), .of(now), .int(Preview.tokensPerCall)
    ) { (row) throws(StoreError) in DueLane(row) }
    return lanes.map { lane in
      read[lane.id] = lane
      return Candidate(lane: lane.id, wants: wants)
    }
  }

  /// Due lanes whose audience takes several calls: at most 64 lanes, and no more users than can be
  /// looked at in a millisecond.
  private func wantingMany(_ channel: Channel, at now: Moment) throws(StoreError) -> [Candidate] {
    let rows = try db.all(
      """
      select id, audience_id from lane indexed by lanes_wanting_a_large_audience
      where account_id = ? and state = 'waiting' and many_calls = 1 and group_id is null
        and ready_ms <= ? and kind = ?
      order by ready_ms limit 64
      """, .int(channel.account), .of(now), .text(channel.kind.rawValue)
    ) { (row) throws(StoreError) in (lane: row.int(0), audience: row.int(1)) }
    var (candidates, people): ([Candidate], Int) = ([], 0)
    for row in rows {
      let candidate = Candidate(lane: row.lane, wants: try audience(row.audience))
      people += candidate.wants.count ?? 0
      if people > Self.peopleCompared { break }
      candidates.append(candidate)
    }
    return candidates
  }

  /// Lanes that were in one refused call. They go together until it is known which of them was
  /// refused.
  private func suspects(
    _ group: Int, _ channel: Channel, at now: Moment
  ) throws(StoreError) -> [Candidate] {
    let rows = try db.all(
      """
      select id, audience_id from lane indexed by lanes_of_a_refused_call
      where group_id = ? and state = 'waiting' and ready_ms <= ? and account_id = ? and kind = ?
      order by ready_ms limit ?
      """, .int(group), .of(now), .int(channel.account), .text(channel.kind.rawValue),
      .int(Preview.tokensPerCall)
    ) { (row) throws(StoreError) in (lane: row.int(0), audience: row.int(1)) }
    return try rows.map { (row) throws(StoreError) in
      Candidate(lane: row.lane, wants: try audience(row.audience))
    }
  }
}

extension Trials {
  /// Reads the columns evidence, attempts, failed_ms, failing_ms and limits, in this order.
  init(_ row: borrowing Statement, from first: Int32) {
    self.init(
      evidence: row.optionalInt(first).flatMap(Evidence.init), attempts: row.count(first + 1),
      failedAt: row.optionalMoment(first + 2), failingSince: row.optionalMoment(first + 3),
      limits: row.count(first + 4))
  }
}
