import Planning

extension Inspector {
  /// Everything of this name: lanes, and asks that are not in a lane yet.
  package borrowing func facts(
    of name: String, account: String?, clocks: Clocks
  ) throws(QueueError) -> [LaneFacts] {
    try perform { () throws(StoreError) in
      var found: [LaneFacts] = []
      for lane in try lanes(named: name, account: account) {
        if let facts = try facts(ofLane: lane, clocks) { found.append(facts) }
      }
      try addNewAsks(of: name, account: account, clocks, to: &found)
      for place in found.indices { found[place].trouble = try trouble(of: found[place]) }
      return found
    }
  }

  private borrowing func trouble(
    of facts: LaneFacts
  ) throws(StoreError) -> LaneFacts.AccountTrouble {
    try db.first(
      """
      select parked_why, (
        -- A channel that is not paused itself waits for the account's access token.
        select paused_why from budget, clock
        where budget.account_id = account.id and api in (?2, 'auth') and paused_ms > clock.now_ms
        order by api = 'auth' limit 1)
      from account where name = ?1
      """, .text(facts.account), .text(facts.kind.rawValue)
    ) { (row) throws(StoreError) in
      LaneFacts.AccountTrouble(paused: row.optionalText(1), parked: row.optionalText(0))
    } ?? LaneFacts.AccountTrouble()
  }

  /// The lane of an ask: its kind, account and name; nil if there is no such ask.
  package borrowing func lane(
    ofAsk id: Int
  ) throws(QueueError) -> (account: String, kind: String, name: String)? {
    try perform { () throws(StoreError) in
      try db.first("select account, kind, lane from ask where id = ?", .int(id)) {
        (row) throws(StoreError) in (row.text(0), row.text(1), row.text(2))
      }
    }
  }

  private borrowing func facts(
    ofLane id: Int, _ clocks: Clocks
  ) throws(StoreError) -> LaneFacts? {
    var last: Int?
    let read =
      try db.first(
        """
        select account.name, lane.kind, lane.name, state, ready_ms, slot_ms, failed_ms is not null,
          group_id is not null, audience.size, lane.audience_id is not null and audience.size is null,
          attempts, error, last_call,
          lane.urgent = 0 and exists (
            select 1 from lane as other indexed by lanes_due_longest
            where other.account_id = lane.account_id and other.kind = lane.kind and other.state = 'waiting'
              and other.urgent = 1 and other.ready_ms <= clock.now_ms)
          or exists (
            select 1 from lane as other indexed by lanes_due_longest
            where other.account_id = lane.account_id and other.kind = lane.kind and other.state = 'waiting'
              and other.urgent = lane.urgent
              and max(other.ready_ms, other.spread_ms) < max(lane.ready_ms, lane.spread_ms)
              and other.ready_ms <= clock.now_ms),
          lane.urgent, lane.spread_ms
        from clock cross join lane join account on account.id = lane.account_id
        left join audience on audience.id = lane.audience_id
        where lane.id = ?
        """, .int(id)
      ) { (row) throws(StoreError) -> LaneFacts? in
        guard let kind = Kind(rawValue: row.text(1)) else { return nil }
        var facts = LaneFacts(account: row.text(0), kind: kind, name: row.text(2), id: id)
        if row.text(3) != "idle" {
          facts.standing = LaneStanding(
            state: row.text(3) == "in_flight" ? .inFlight : .waiting, ready: row.moment(4),
            slot: row.moment(5), hasFailed: row.bool(6), isSuspected: row.bool(7),
            isBehind: row.bool(13),
            turn: LaneTurn(
              row.bool(14) ? .urgent : .ordinary, at: max(row.moment(4), row.moment(15))))
        }
        facts.isUrgent = row.bool(14)
        facts.people = row.optionalInt(8)
        facts.isForEveryone = row.bool(9)
        facts.attempts = row.count(10)
        facts.error = row.optionalText(11)
        last = row.optionalInt(12)
        return facts
      } ?? nil
    guard var facts = read else { return nil }
    try db.each(
      """
      select ask.id, asked_ms, part_of is not null, key.name
      from ask indexed by asks_of_a_lane left join lane as key on key.id = part_of
      where lane_id = ? and outcome is null order by ask.id
      """, .int(id)
    ) { (row) throws(StoreError) in
      if row.bool(2) {
        if facts.keys.count < 10 { facts.keys.append(row.text(3)) }
      } else {
        facts.asks.add(row.int(0), asked: clocks.queue(row.wallMoment(1)))
      }
    }
    facts.lastCall = try last.map { (call) throws(StoreError) in try callFacts(call) } ?? nil
    facts.ending = try ending(ofLane: id)
    return facts
  }

  package borrowing func callFacts(_ id: Int) throws(StoreError) -> CallFacts? {
    try db.first(
      "select started_ms, ended_ms, outcome, http_status, code, message, log_id from call where id = ?",
      .int(id)
    ) { (row) throws(StoreError) in
      CallFacts(
        id: id, started: row.moment(0), ended: row.optionalMoment(1), outcome: row.optionalText(2),
        httpStatus: row.optionalInt(3), code: row.optionalInt(4), message: row.optionalText(5),
        logID: row.optionalText(6))
    }
  }

  borrowing func ending(ofLane id: Int) throws(StoreError) -> LaneFacts.AskEnding? {
    try db.first(
      """
      select id, outcome, reason, ended_ms, (
        select count(*) from ask indexed by asks_dead where outcome = 'dead' and lane_id = ?1)
      from (
        select id, outcome, reason, ended_ms from ask indexed by asks_dead
        where outcome = 'dead' and lane_id = ?1
        union all
        select id, outcome, reason, ended_ms from ask indexed by asks_given_up
        where outcome in ('expired', 'cancelled') and lane_id = ?1)
      order by ended_ms desc limit 1
      """, .int(id)
    ) { (row) throws(StoreError) in
      LaneFacts.AskEnding(
        ask: row.int(0), outcome: row.text(1), reason: row.optionalText(2), at: row.moment(3),
        dead: row.int(4))
    }
  }

  /// Asks that no worker has looked at, and asks that one has held back.
  private borrowing func addNewAsks(
    of name: String, account: String?, _ clocks: Clocks, to found: inout [LaneFacts]
  ) throws(StoreError) {
    try db.each(
      """
      select id, account, kind, asked_ms, due_ms, urgent from (
        select id, account, kind, asked_ms, urgent,
          iif(after_ms > 0, min(asked_ms - (select skew_ms from worker), (select now_ms from clock)) + after_ms,
            null) as due_ms
        from ask indexed by asks_not_folded
        where lane_id is null and due_ms is null and outcome is null and lane = ?1
          and (?2 is null or account = ?2)
        union all
        select id, account, kind, asked_ms, urgent, due_ms from ask indexed by asks_held_back
        where due_ms is not null and lane_id is null and outcome is null and lane = ?1
          and (?2 is null or account = ?2))
      order by id
      """, .text(name), .of(account)
    ) { (row) throws(StoreError) in
      guard let kind = Kind(rawValue: row.text(2)) else { return }
      let account = row.text(1)
      var place = found.firstIndex { $0.account == account && $0.kind == kind }
      if place == nil {
        found.append(LaneFacts(account: account, kind: kind, name: name))
        place = found.count - 1
      }
      guard let place else { return }
      if row.bool(5) { found[place].isUrgent = true }
      let asked = clocks.queue(row.wallMoment(3))
      if let due = row.optionalMoment(4) {
        found[place].delayed.add(row.int(0), asked: asked)
        found[place].delayedUntil = min(found[place].delayedUntil ?? due, due)
      } else {
        found[place].asks.add(row.int(0), asked: asked)
      }
    }
  }

  /// The queue's clock, as a worker has set it that runs or would begin now.
  package borrowing func clocks(_ reading: ClockReading) throws(QueueError) -> Clocks {
    try perform { () throws(StoreError) in try db.lastClock().next(reading) }
  }
}

extension Inspector {
  /// How many lanes of a channel go before this one. Urgent lanes all count, although others go
  /// between them.
  package borrowing func lanes(
    of channel: Channel, before lane: Int, _ turn: LaneTurn
  ) throws(QueueError) -> Int {
    try perform { () throws(StoreError) in
      try db.first(
        """
        select
          (select count(*) from lane indexed by lanes_due_longest
            where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent > ?5)
          + (select count(*) from lane indexed by lanes_due_longest
            where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?5
              and max(ready_ms, spread_ms) <= ?3 and (max(ready_ms, spread_ms) < ?3 or id < ?4))
        """, .int(channel.account), .text(channel.kind.rawValue), .of(turn.at), .int(lane),
        .int(turn.urgency.rawValue)
      ) { (row) throws(StoreError) in row.int(0) } ?? 0
    }
  }
}
