import Planning

/// One of the lines in which a channel's lanes wait.
package struct Line: Hashable, Sendable {
  let urgency: Urgency
  /// For previews that are one of many for the same ask by key.
  let isForMany: Bool

  static let all = Urgency.allCases.flatMap {
    [Line(urgency: $0, isForMany: false), Line(urgency: $0, isForMany: true)]
  }

  /// Its turns: from the first moment up to the second, which is not among them.
  var turns: (from: Moment, upTo: Moment) {
    isForMany ? (.zero + Turn.behindOthers, .max) : (.min, .zero + Turn.behindOthers)
  }
}

extension LaneTurn {
  fileprivate var line: Line { Line(urgency: urgency, isForMany: isOneOfMany) }
}

/// Which lanes are in a copy: of each line those whose turn comes before its moment, and all where
/// there is none.
package struct KnownUntil: Hashable, Sendable {
  private var moments: [Line: Moment] = [:]

  subscript(line: Line) -> Moment? {
    get { moments[line] }
    set { moments[line] = newValue }
  }

  mutating func end(_ moment: Moment) {
    for line in Line.all {
      let end = max(moment, line.turns.from)
      moments[line] = min(moments[line] ?? .max, end)
    }
  }

  /// Whether lanes that are not in the copy may go before this one.
  package func isBefore(_ turn: LaneTurn) -> Bool {
    moments[turn.line].map { $0 <= turn.at } ?? false
  }
}

/// What is copied of a queue, and how much of it at most.
struct Copying {
  let account: String?
  let calls: Int

  /// A call takes at most this many lanes, so no call is opened by a lane that is further back than
  /// all the lanes that can have left before.
  var lanesDue: Int { calls * Preview.tokensPerCall + Self.lanesAround }
  /// Packing looks at this many lanes behind the one that opens a call.
  private static let lanesAround = 512
  /// In all channels, and in each of them.
  private static let lanesMost = 60_000
  private static let lanesLeast = 100
  /// About 40 MB.
  private static let peopleMost = 1_000_000

  func run(_ db: borrowing Connection) throws(StoreError) -> [Channel: KnownUntil] {
    try copyAccounts(db)
    var knownUntil: [Channel: KnownUntil] = [:]
    let busy = try channels(db)
    // Nobody has to know many calls ahead for thousands of accounts.
    let room = max(Self.lanesLeast, Self.lanesMost / max(1, busy.count))
    for channel in busy {
      var known = KnownUntil()
      for line in Line.all {
        known[line] = try copyLanes(of: channel, line, atMost: room, db)
      }
      if known != KnownUntil() { knownUntil[channel] = known }
    }
    try copyCalls(db)
    try copyLanesAlike(in: knownUntil, db)
    if let moment = try copyNewAsks(db) {
      for channel in try channels(db) { knownUntil[channel, default: KnownUntil()].end(moment) }
    }
    try copyAsks(db, &knownUntil)
    try copyAudiences(db)
    return knownUntil
  }

  private func copyAccounts(_ db: borrowing Connection) throws(StoreError) {
    try db.execute("insert into main.worker select * from source.worker")
    try db.execute("insert into main.kind select * from source.kind")
    try db.execute(
      """
      insert into main.account select * from source.account
      where ?1 is null or name = ?1
        -- A tenant waits for what its app waits for.
        or name = (select limits ->> '$.app' from source.account where name = ?1)
      """, .of(account))
    try db.execute(
      """
      insert into main.budget select * from source.budget
      where account_id in (select id from main.account)
      """)
    try db.execute(
      """
      insert into main.refused_person select * from source.refused_person
      where account_id in (select id from main.account)
      """)
    try db.execute("insert into main.sqlite_sequence select * from source.sqlite_sequence")
  }

  /// Channels with waiting lanes.
  private func channels(_ db: borrowing Connection) throws(StoreError) -> [Channel] {
    let rows = try db.all(
      """
      select account.id, kind.name from main.account cross join main.kind
      where exists (
        select 1 from source.lane indexed by lanes_due_longest
        where account_id = account.id and kind = kind.name and state = 'waiting')
      """
    ) { (row) throws(StoreError) in (row.int(0), row.text(1)) }
    return rows.compactMap { row in
      Kind(rawValue: row.1).map { Channel(account: row.0, kind: $0) }
    }
  }

  /// Copies the first lanes in turn. Nil if these are all that wait.
  private func copyLanes(
    of channel: Channel, _ line: Line, atMost room: Int, _ db: borrowing Connection
  ) throws(StoreError) -> Moment? {
    var count = min(room, channel.kind.rules.parcels == nil ? lanesDue : calls + 1)
    while count > Self.lanesAround, try people(in: channel, line, count, db) > Self.peopleMost {
      count /= 2
    }
    try db.execute(
      """
      insert or ignore into main.lane
      select * from source.lane indexed by lanes_due_longest
      where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?3
        and max(ready_ms, spread_ms) >= ?4 and max(ready_ms, spread_ms) < ?5
      order by max(ready_ms, spread_ms) limit ?6
      """, .int(channel.account), .text(channel.kind.rawValue), .int(line.urgency.rawValue),
      .of(line.turns.from), .of(line.turns.upTo), .int(count))
    if db.changes < count { return nil }
    // Packing may look beyond the last ones.
    let around = channel.kind.rules.parcels == nil ? min(Self.lanesAround, count / 2) : 0
    return try db.first(
      """
      select max(ready_ms, spread_ms) from main.lane indexed by lanes_due_longest
      where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?3
        and max(ready_ms, spread_ms) >= ?4 and max(ready_ms, spread_ms) < ?5
      order by max(ready_ms, spread_ms) limit 1 offset ?6
      """, .int(channel.account), .text(channel.kind.rawValue), .int(line.urgency.rawValue),
      .of(line.turns.from), .of(line.turns.upTo), .int(max(0, count - around - 1))
    ) { (row) throws(StoreError) in row.moment(0) }
  }

  /// How many users the audiences of the first lanes have.
  private func people(
    in channel: Channel, _ line: Line, _ count: Int, _ db: borrowing Connection
  ) throws(StoreError) -> Int {
    try db.first(
      """
      select cast(total(size) as integer) from source.audience where id in (
        select audience_id from source.lane indexed by lanes_due_longest
        where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?3
          and max(ready_ms, spread_ms) >= ?4 and max(ready_ms, spread_ms) < ?5
        order by max(ready_ms, spread_ms) limit ?6)
      """, .int(channel.account), .text(channel.kind.rawValue), .int(line.urgency.rawValue),
      .of(line.turns.from), .of(line.turns.upTo), .int(count)
    ) { (row) throws(StoreError) in row.int(0) } ?? 0
  }

  /// Calls that have no answer yet, and those that still count against a limit.
  private func copyCalls(_ db: borrowing Connection) throws(StoreError) {
    try db.execute(
      """
      insert or ignore into main.lane
      select * from source.lane indexed by lanes_in_flight
      where call_id is not null and account_id in (select id from main.account)
      """)
    try db.execute(
      """
      insert or ignore into main.call
      select * from source.call indexed by calls_under_way
      where ended_ms is null and account_id in (select id from main.account)
      """)
    try db.execute(
      """
      insert or ignore into main.call
      select call.* from main.worker, main.account, (select name from main.kind union all select 'auth') as api
      join source.call indexed by calls_of_a_budget
        on call.account_id = account.id and call.api = api.name and started_ms > newest_ms - 130000
      """)
  }

  /// The audiences that the calls can be for, each with the turn of the last copied lane that wants it.
  private func audiences(
    of channel: Channel, _ line: Line, _ db: borrowing Connection
  ) throws(StoreError) -> [Int: Moment] {
    // A call for one audience leaves the others for the next calls. One that is filled with lanes
    // of several can be for any.
    let isForOne = try db.first(
      "select limits ->> '$.cover_extra_pairs' is null from main.account where id = ?",
      .int(channel.account)
    ) { (row) throws(StoreError) in row.bool(0) }
    let most = isForOne ?? true ? calls : .max
    var last: [Int: Moment] = [:]
    try db.each(
      """
      select audience_id, max(ready_ms, spread_ms) from main.lane indexed by lanes_due_longest
      where account_id = ?1 and kind = ?2 and state = 'waiting' and urgent = ?3
        and max(ready_ms, spread_ms) >= ?4 and max(ready_ms, spread_ms) < ?5
      order by max(ready_ms, spread_ms)
      """, .int(channel.account), .text(channel.kind.rawValue), .int(line.urgency.rawValue),
      .of(line.turns.from), .of(line.turns.upTo)
    ) { (row) throws(StoreError) in
      let audience = row.int(0)
      if last.count < most || last[audience] != nil { last[audience] = row.moment(1) }
    }
    return last
  }

  /// Lanes that want the same as one that is due are found however far behind it they wait. A call
  /// takes them in the order in which they are due, so only the last one that a copied lane opens
  /// can take any that were not copied, and fewer than it has room for.
  private func copyLanesAlike(
    in channels: [Channel: KnownUntil], _ db: borrowing Connection
  ) throws(StoreError) {
    for channel in channels.keys where channel.kind.rules.parcels == nil {
      let (account, kind) = (Value.int(channel.account), Value.text(channel.kind.rawValue))
      for line in Line.all {
        for (audience, last) in try audiences(of: channel, line, db) {
          try copyLanes(wanting: audience, line, after: last, db)
        }
      }
      try db.execute(
        """
        insert or ignore into main.lane
        select * from source.lane indexed by lanes_wanting_a_large_audience
        where account_id = ? and state = 'waiting' and many_calls = 1 and group_id is null and kind = ?
        order by ready_ms limit ?
        """, account, kind, .int(64 + calls))
      try db.execute(
        """
        insert or ignore into main.lane
        select * from source.lane indexed by lanes_under_suspicion
        where account_id = ? and kind = ? and group_id is not null and state = 'waiting'
        order by ready_ms limit ?
        """, account, kind, .int(lanesDue))
    }
  }

  private func copyLanes(
    wanting audience: Int, _ line: Line, after last: Moment, _ db: borrowing Connection
  ) throws(StoreError) {
    try db.execute(
      """
      insert into main.lane
      select * from source.lane indexed by lanes_wanting_this_audience
      where audience_id = ?1 and state = 'waiting' and group_id is null and urgent = ?4
        and max(ready_ms, spread_ms) >= ?2 and max(ready_ms, spread_ms) < ?5
        and not exists (select 1 from main.lane as copied where copied.id = lane.id)
      order by max(ready_ms, spread_ms) limit ?3
      """, .int(audience), .of(last), .int(Preview.tokensPerCall - 1), .int(line.urgency.rawValue),
      .of(line.turns.upTo))
  }
}
