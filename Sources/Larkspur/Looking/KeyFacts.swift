import Planning

/// What the queue holds about one key or URL, for somebody who asks about it.
package struct KeyFacts: Sendable {
  package let account: String
  package let selector: Selector
  package let name: String
  /// Its open asks.
  package var asks = LaneFacts.OpenAsks()
  /// Those that may not go yet, and when the first may.
  package var delayed = LaneFacts.OpenAsks()
  package var delayedUntil: Moment?
  /// How many previews its asks still wait for, and which of them goes last.
  package var previewsLeft = 0
  package var last: String?
  /// How many previews were seen with it.
  package var previewsKnown = 0
  /// How the ask that ended last has ended, or the dead one that can be requeued.
  package var ending: LaneFacts.AskEnding?

  package var isPending: Bool { asks.count + delayed.count + previewsLeft > 0 }
}

extension Inspector {
  /// The keys and URLs of this name, also those that were only seen.
  package borrowing func keyFacts(
    of name: String, account: String?, clocks: Clocks
  ) throws(QueueError) -> [KeyFacts] {
    try perform { () throws(StoreError) in
      var found: [KeyFacts] = []
      for known in try knownKeys(named: name, account: account) {
        var facts = KeyFacts(account: known.account, selector: known.selector, name: name)
        facts.previewsKnown = known.previews
        if let lane = known.lane { try add(to: &facts, ofLane: lane, clocks) }
        try addNewAsks(to: &facts, clocks)
        found.append(facts)
      }
      return found
    }
  }

  /// How the asks by this key or URL ended that ended last, or this one ask. All asks are read,
  /// because no index leads to those that were delivered, or that ended before they were in a lane.
  package borrowing func endedKeys(
    named name: String, account: String?, ask: Int? = nil
  ) throws(QueueError) -> [KeyFacts] {
    try perform { () throws(StoreError) in
      try db.all(
        """
        select account, kind, id, outcome, reason, max(ended_ms) from ask
        where lane = ?1 and kind in ('key', 'url') and outcome is not null
          and (?2 is null or account = ?2) and (?3 is null or id = ?3)
        group by account, kind order by account, kind
        """, .text(name), .of(account), .of(ask)
      ) { (row) throws(StoreError) in
        var facts = KeyFacts(
          account: row.text(0), selector: Selector(rawValue: row.text(1)) ?? .key, name: name)
        facts.ending = LaneFacts.AskEnding(
          ask: row.int(2), outcome: row.text(3), reason: row.optionalText(4), at: row.moment(5),
          dead: 0)
        return facts
      }
    }
  }

  private borrowing func knownKeys(
    named name: String, account: String?
  ) throws(StoreError) -> [(account: String, selector: Selector, previews: Int, lane: Int?)] {
    let rows = try db.all(
      """
      with selector (name) as (values ('key'), ('url')),
      named (account, selector) as (
        select account.name, selector.name from account cross join selector
        cross join lane on lane.account_id = account.id and lane.kind = selector.name and lane.name = ?1
        union select account, 'key' from known_key where name = ?1
        union select account, 'url' from known_token where url = ?1
        union select account, kind from ask indexed by asks_folded_first
          where kind <> 'preview' and lane_id is null and due_ms is null and outcome is null
            and kind in ('key', 'url') and lane = ?1
        union select account, kind from ask indexed by asks_held_back
          where due_ms is not null and lane_id is null and outcome is null
            and kind in ('key', 'url') and lane = ?1)
      select named.account, selector,
        iif(selector = 'key',
          (select count(*) from known_key join tag on key_id = known_key.id
            where known_key.account = named.account and known_key.name = ?1),
          (select count(*) from known_token where known_token.account = named.account and url = ?1)),
        (select lane.id from account join lane on lane.account_id = account.id
          and lane.kind = selector and lane.name = ?1 where account.name = named.account)
      from named where ?2 is null or named.account = ?2 order by 1, 2
      """, .text(name), .of(account)
    ) { (row) throws(StoreError) in
      (account: row.text(0), selector: row.text(1), previews: row.int(2), lane: row.optionalInt(3))
    }
    return rows.compactMap { row in
      Selector(rawValue: row.selector).map { (row.account, $0, row.previews, row.lane) }
    }
  }

  private borrowing func add(
    to facts: inout KeyFacts, ofLane lane: Int, _ clocks: Clocks
  ) throws(StoreError) {
    try db.each(
      """
      select id, asked_ms from ask indexed by asks_of_a_lane where lane_id = ? and outcome is null
      order by id
      """, .int(lane)
    ) { (row) throws(StoreError) in
      facts.asks.add(row.int(0), asked: clocks.queue(row.wallMoment(1)))
    }
    facts.previewsLeft =
      try db.first(
        "select count(*) from ask indexed by parts_of_a_key where part_of = ? and outcome is null",
        .int(lane)
      ) { (row) throws(StoreError) in row.int(0) } ?? 0
    facts.last = try db.first(
      """
      select lane.name from ask indexed by parts_of_a_key join lane on lane.id = ask.lane_id
      where part_of = ? and outcome is null order by ready_ms desc, lane.id desc limit 1
      """, .int(lane)
    ) { (row) throws(StoreError) in row.text(0) }
    facts.ending = try ending(ofLane: lane)
  }

  private borrowing func addNewAsks(
    to facts: inout KeyFacts, _ clocks: Clocks
  ) throws(StoreError) {
    try db.each(
      """
      select id, asked_ms,
        iif(after_ms > 0, min(asked_ms - (select skew_ms from worker), (select now_ms from clock)) + after_ms, null)
      from ask indexed by asks_folded_first
      where kind <> 'preview' and lane_id is null and due_ms is null and outcome is null
        and kind = ?1 and lane = ?2 and account = ?3
      union all
      select id, asked_ms, due_ms from ask indexed by asks_held_back
      where due_ms is not null and lane_id is null and outcome is null
        and kind = ?1 and lane = ?2 and account = ?3
      order by id
      """, .text(facts.selector.rawValue), .text(facts.name), .text(facts.account)
    ) { (row) throws(StoreError) in
      let asked = clocks.queue(row.wallMoment(1))
      if let due = row.optionalMoment(2) {
        facts.delayed.add(row.int(0), asked: asked)
        facts.delayedUntil = min(facts.delayedUntil ?? due, due)
      } else {
        facts.asks.add(row.int(0), asked: asked)
      }
    }
  }
}
