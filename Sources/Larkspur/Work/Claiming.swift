import Planning

extension WorkerStore {
  /// Opens a call with the lane whose turn it is, fills it, and stores it as in flight; nil when no
  /// lane has been due since `horizon`. `order` says who may open it.
  ///
  /// The slot is set as if the call were answered at the last possible moment. If this run ends
  /// before it records the answer, the next run finds the slot charged.
  ///
  /// A probe carries one lane, if possible one that has not failed, and at most one user. The user
  /// is a random one, because a single malformed open_id may be wanted by every lane that waits.
  package func claim(
    _ channel: Channel, _ order: [Urgency], afterMany: Set<Urgency> = [], packing: Packing,
    isProbe: Bool = false,
    _ terms: PackingTerms, at now: Moment, horizon: Moment, timeout: Span, _ settled: inout Settled
  ) throws(StoreError) -> ClaimedCall? {
    if channel.kind.rules.parcels != nil {
      return try claimParcel(
        channel, order, isProbe: isProbe, terms, at: now, horizon: horizon, timeout: timeout,
        &settled)
    }
    // Refused users are first removed from lanes that want them, ten lanes at a time, as far as one
    // turn has time for it.
    var work = Self.workAtOnce
    while work > 0 {
      let opener =
        isProbe
        ? try probedNext(channel, order, afterMany, horizon: horizon)
        : try nextDue(channel, order, afterMany, horizon: horizon)
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
      return try claim(draft, read, channel, opener.turn, at: now, timeout: timeout)
    }
    return nil
  }

  /// `read` holds the lanes whose rows were already read.
  private func claim(
    _ draft: CallDraft, _ read: [Int: DueLane], _ channel: Channel, _ opener: LaneTurn,
    at now: Moment, timeout: Span
  ) throws(StoreError) -> ClaimedCall {
    let lanes = try draft.lanes.map { (id) throws(StoreError) in
      let lane = if let known = read[id] { known } else { try self.lane(id) }
      return lane.claimed(
        wanting: try self.audience(lane.audienceID), callNumber: lane.calls + 1)
    }
    let audience = try number(of: draft.audience, account: channel.account, at: now)
    try db.execute(
      """
      insert into call (account_id, api, lanes, audience_id, started_ms, urgent, of_many)
      values (?, ?, ?, ?, ?, ?, ?)
      """, .int(channel.account), .text(channel.kind.rawValue),
      .text(Self.list(draft.lanes)), .int(audience), .of(now), .int(opener.urgency.rawValue),
      .of(opener.isOneOfMany))
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
      id: call, channel: channel, opener: opener, started: now, timeout: timeout, lanes: lanes,
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
    let pick = Pick(channel, first: opener.turn.urgency, at: now)
    let draft = try exactDraft(opening: candidate, audience: opener.audienceID, pick, &read)
    guard case .cover(let extraPairsMax) = packing, !draft.isFull, draft.audience != .everyone
    else { return draft }
    let neighbours = try sharers(pick)
    let chunk =
      draft.audience == candidate.wants
      ? try numbered(opener.audienceID) : audiences.numbered(draft.audience)
    var call = Covering(
      draft, to: chunk, neighbours: neighbours, numbers: audiences.namesInUse,
      extraPairsMax: extraPairsMax)
    while let audience = call.next() { call.take(try wanting(audience, pick, &read)) }
    return call.draft
  }

  /// Lanes that want the same as the opener are found however far behind it they wait. They are
  /// enough for most calls.
  private func exactDraft(
    opening opener: Candidate, audience: Int, _ pick: Pick, _ read: inout [Int: DueLane]
  ) throws(StoreError) -> CallDraft {
    let alike = try wanting(audience, opener.wants, pick, &read)
    if alike.count == Preview.tokensPerCall || opener.wants == .everyone {
      let chunk = Packing.chunk(of: opener.wants)
      return Packing.fillExactly(chunk, opener: opener, equal: alike, wide: [])
    }
    var (chunk, equal) = (opener.wants, alike)
    if opener.wants.callsNeeded > 1 {
      // Numbering many users takes time, and is useless without other audiences to compare with.
      let others = try cutters(of: opener.wants, pick)
      chunk =
        others.isEmpty
        ? Packing.chunk(of: opener.wants)
        : Packing.chunk(for: try numbered(audience), neighbours: others)
      equal = try wanting(chunk, pick, &read)
    }
    let wide = equal.count < Preview.tokensPerCall ? try wantingMany(pick) : []
    return Packing.fillExactly(
      chunk, opener: opener, equal: equal, wide: chunk == opener.wants ? wide : alike + wide)
  }
}
