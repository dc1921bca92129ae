import Planning

extension WorkerStore {
  /// A part that waits already and that the ask can wait for too. A call that is under way was
  /// claimed before the ask was made, so what it carries does not count.
  func part(
    of key: Int, _ token: String, account: Int, wanting audience: Audience, at now: Moment
  ) throws(StoreError) -> Int? {
    let wanted = try number(of: audience, account: account, at: now)
    return try db.first(
      """
      select ask.id from lane cross join ask indexed by asks_of_a_lane
      on ask.lane_id = lane.id and ask.outcome is null
      where lane.account_id = ?2 and lane.kind = 'preview' and lane.name = ?3
        and ask.part_of = ?1 and ask.audience_id = ?4
        and (lane.state = 'waiting' or ask.first_call > lane.calls)
      limit 1
      """, .int(key), .int(account), .text(token), .int(wanted)
    ) { (row) throws(StoreError) in row.int(0) }
  }

  /// This ask waits for the part too.
  func join(_ part: Int, _ ask: IncomingAsk, _ reach: KeyReach) throws(StoreError) {
    try db.execute(
      "update ask set urgent = max(urgent, ?2), part_for = part_for | ?3 where id = ?1",
      .int(part), .int(ask.urgency.rawValue), .int(reach.mark))
    if ask.urgency == .ordinary { return }
    try db.execute(
      "update lane set urgent = 1 where id = (select lane_id from ask where id = ?)", .int(part))
  }

  /// Parts are told apart by their negative ids, which are never given to an ask from outside. They do not
  /// expire by themselves, but go with the last ask that waits for them.
  func insertPart(
    _ ask: IncomingAsk, _ reach: KeyReach, of key: KeyLane, _ token: String, place: Int,
    turn: Moment,
    _ expansion: inout Expansion
  ) throws(StoreError) -> IncomingAsk {
    let last = if let last = expansion.lastPart { last } else { try lastPart() }
    let id = last - 1
    expansion.lastPart = id
    try db.execute(
      """
      insert into ask (id, account, kind, lane, body, urgent, spread_ms, asked_ms, part_of, serves_from,
        part_for)
      select ?1, account, 'preview', ?2, '{"everyone":true}', urgent, ?6, asked_ms, ?3, ?4, ?7
      from ask where id = ?5
      """, .int(id), .text(token), .int(key.id), .int(key.number), .int(ask.id), .of(turn),
      .int(reach.mark))
    // The newest become due first, ten at a time, which is one call.
    let asked = ask.asked + Span(place / Preview.tokensPerCall)
    return IncomingAsk(
      id: id, row: AskRow(account: ask.row.account, kind: Kind.preview.rawValue, lane: token),
      body: "", asked: asked, expires: nil, audience: nil, isOver: false, refused: nil,
      due: asked, urgency: ask.urgency, spread: turn)
  }

  private func lastPart() throws(StoreError) -> Int {
    let least = try db.first("select min(id) from ask") { (row) throws(StoreError) in row.int(0) }
    return min(least ?? 0, 0)
  }
}

extension KeyReach {
  /// As in the column `part_for`.
  fileprivate var mark: Int { self == .everyone ? 1 : 2 }
}
