import Planning

/// A part of a queue, copied into memory so that the loop can run ahead on it: what is due first,
/// and everything that its calls can touch.
package struct QueueCopy {
  package let store: WorkerStore
  /// Every lane of the channel that becomes due before this moment is in the copy. Channels whose
  /// waiting lanes are all in the copy are left out.
  package let knownUntil: [Channel: Moment]
  package let habits: Habits

  /// `calls` is how many calls the copy has to last for. With an account, only that one is copied.
  /// Reading takes no lock that a writer needs, and ends before the loop runs.
  package init(of path: String, account: String?, calls: Int) throws(QueueError) {
    do {
      let connection = try Connection(path: ":memory:", mode: .readWrite)
      try Migrator.bringUpToDate(connection, path: ":memory:")
      connection.runNoTriggers()
      try connection.execute("attach ? as source", .text(QueueFile.realPath(path)))
      // An immediate transaction would lock the file as well.
      try connection.execute("begin")
      knownUntil = try Copying(account: account, calls: calls).run(connection)
      habits = try Habits(connection)
      try connection.execute("commit")
      try connection.execute("detach source")
      store = WorkerStore(inMemory: connection)
    } catch let error as StoreError {
      throw QueueError(error, path: path)
    } catch let error as QueueError {
      throw error
    } catch {
      throw QueueError(.cannotUse, "cannot copy queue \(path): \(error)")
    }
  }
}

/// How much is copied.
private struct Copying {
  let account: String?
  let calls: Int

  /// A call takes at most this many lanes, so no call is opened by a lane that is further back than
  /// all the lanes that can have left before.
  private var lanesDue: Int { calls * Preview.tokensPerCall + Self.lanesAround }
  /// Packing looks at this many lanes behind the one that opens a call.
  private static let lanesAround = 512
  /// In all channels, and in each of them.
  private static let lanesMost = 60_000
  private static let lanesLeast = 100
  /// About 40 MB.
  private static let peopleMost = 1_000_000
  private static let bodyBytesMost = 64_000_000

  func run(_ db: borrowing Connection) throws(StoreError) -> [Channel: Moment] {
    try copyAccounts(db)
    var knownUntil: [Channel: Moment] = [:]
    let busy = try channels(db)
    // Nobody has to know many calls ahead for thousands of accounts.
    let room = max(Self.lanesLeast, Self.lanesMost / max(1, busy.count))
    for channel in busy { knownUntil[channel] = try copyLanes(of: channel, atMost: room, db) }
    try copyCalls(db)
    try copyLanesAlike(in: knownUntil, db)
    if let moment = try copyNewAsks(db) {
      for channel in try channels(db) {
        knownUntil[channel] = min(knownUntil[channel] ?? .max, moment)
      }
    }
    try copyAsks(db, &knownUntil)
    try copyAudiences(db)
    return knownUntil
  }

  private func copyAccounts(_ db: borrowing Connection) throws(StoreError) {
    // A new queue is not empty.
    try db.execute("delete from main.worker")
    try db.execute("delete from main.account")
    // Pruning is of no use here, so it is not due.
    try db.execute("insert into main.worker select * from source.worker")
    try db.execute("update main.worker set pruned_ms = max(newest_ms, pruned_ms)")
    try db.execute(
      "insert into main.account select * from source.account where ?1 is null or name = ?1",
      .of(account))
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
    try db.execute("delete from main.sqlite_sequence")
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

  /// Copies the lanes that are due first. Nil if these are all that wait.
  private func copyLanes(
    of channel: Channel, atMost room: Int, _ db: borrowing Connection
  ) throws(StoreError) -> Moment? {
    var count = min(room, channel.kind.rules.parcels == nil ? lanesDue : calls + 1)
    while count > Self.lanesAround, try people(in: channel, count, db) > Self.peopleMost {
      count /= 2
    }
    try db.execute(
      """
      insert or ignore into main.lane
      select * from source.lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting' order by ready_ms limit ?
      """, .int(channel.account), .text(channel.kind.rawValue), .int(count))
    if db.changes < count { return nil }
    // Packing may look beyond the last ones.
    let around = channel.kind.rules.parcels == nil ? min(Self.lanesAround, count / 2) : 0
    return try db.first(
      """
      select ready_ms from main.lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting' order by ready_ms limit 1 offset ?
      """, .int(channel.account), .text(channel.kind.rawValue), .int(max(0, count - around - 1))
    ) { (row) throws(StoreError) in row.moment(0) }
  }

  /// How many users the audiences of the first lanes have.
  private func people(
    in channel: Channel, _ count: Int, _ db: borrowing Connection
  ) throws(StoreError) -> Int {
    try db.first(
      """
      select cast(total(size) as integer) from source.audience where id in (
        select audience_id from source.lane indexed by lanes_due_longest
        where account_id = ? and kind = ? and state = 'waiting' order by ready_ms limit ?)
      """, .int(channel.account), .text(channel.kind.rawValue), .int(count)
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

  /// Lanes that want the same as one that is due are found however far behind it they wait.
  private func copyLanesAlike(
    in channels: [Channel: Moment], _ db: borrowing Connection
  ) throws(StoreError) {
    for channel in channels.keys where channel.kind.rules.parcels == nil {
      let wanted = try db.all(
        """
        select audience_id, count(*) from main.lane
        where account_id = ? and kind = ? and state = 'waiting' group by audience_id
        """, .int(channel.account), .text(channel.kind.rawValue)
      ) { (row) throws(StoreError) in (audience: row.int(0), openers: row.int(1)) }
      for (audience, openers) in wanted {
        try db.execute(
          """
          insert or ignore into main.lane
          select * from source.lane indexed by lanes_wanting_this_audience
          where audience_id = ? and state = 'waiting' and group_id is null order by ready_ms limit ?
          """, .int(audience), .int(min(openers, calls) * Preview.tokensPerCall))
      }
      try db.execute(
        """
        insert or ignore into main.lane
        select * from source.lane indexed by lanes_wanting_a_large_audience
        where account_id = ? and state = 'waiting' and many_calls = 1 and group_id is null and kind = ?
        order by ready_ms limit ?
        """, .int(channel.account), .text(channel.kind.rawValue), .int(64 + calls))
      try db.execute(
        """
        insert or ignore into main.lane
        select * from source.lane indexed by lanes_under_suspicion
        where account_id = ? and kind = ? and group_id is not null and state = 'waiting'
        order by ready_ms limit ?
        """, .int(channel.account), .text(channel.kind.rawValue), .int(lanesDue))
    }
  }

  /// Asks that are not in a lane yet, and the lanes they name. Returns the earliest moment at which
  /// one that was not copied can join a lane; nil if all were copied.
  private func copyNewAsks(_ db: borrowing Connection) throws(StoreError) -> Moment? {
    var known: [Moment] = []
    try db.execute(
      """
      insert or ignore into main.ask
      select * from source.ask indexed by asks_not_folded
      where lane_id is null and due_ms is null and outcome is null and (?1 is null or account = ?1)
      order by id limit ?2
      """, .of(account), .int(lanesDue))
    if db.changes == lanesDue {
      known += try db.all("select newest_ms from main.worker") { (row) throws(StoreError) in
        row.moment(0)
      }
    }
    try db.execute(
      """
      insert or ignore into main.ask
      select * from source.ask indexed by asks_held_back
      where due_ms is not null and lane_id is null and outcome is null and (?1 is null or account = ?1)
      order by due_ms limit ?2
      """, .of(account), .int(lanesDue))
    if db.changes == lanesDue {
      known += try db.all("select ifnull(max(due_ms), 0) from main.ask") {
        (row) throws(StoreError) in row.moment(0)
      }
    }
    try db.execute(
      """
      insert or ignore into main.lane
      select lane.* from main.ask
      join main.account on account.name = ask.account
      join source.lane on lane.account_id = account.id and lane.kind = ask.kind and lane.name = ask.lane
      where ask.lane_id is null
      """)
    return known.min()
  }

  /// What the lanes carry. A parcel is made from the bodies of its asks; lanes that share calls need
  /// only the audiences.
  private func copyAsks(
    _ db: borrowing Connection, _ knownUntil: inout [Channel: Moment]
  ) throws(StoreError) {
    try db.execute(
      """
      insert or ignore into main.ask (id, account, kind, lane, body, after_ms, expires_in_ms, asked_ms,
        lane_id, audience_id, first_call, due_ms, expires_ms, refused, outcome, reason, ended_ms, call_id)
      select ask.id, ask.account, ask.kind, ask.lane, '{}', ask.after_ms, ask.expires_in_ms, ask.asked_ms,
        ask.lane_id, ask.audience_id, ask.first_call, ask.due_ms, ask.expires_ms, ask.refused, ask.outcome,
        ask.reason, ask.ended_ms, ask.call_id
      from main.lane join source.ask indexed by asks_of_a_lane on ask.lane_id = lane.id
      where lane.state <> 'idle' and lane.audience_id is not null and ask.outcome is null
      """)
    try db.execute(
      "insert into main.parcel select * from source.parcel where lane_id in (select id from main.lane)"
    )
    let lanes = try db.all(
      """
      select id, account_id, kind, ready_ms from main.lane
      where state <> 'idle' and audience_id is null order by ready_ms
      """
    ) { (row) throws(StoreError) in
      (id: row.int(0), account: row.int(1), kind: Kind(rawValue: row.text(2)), ready: row.moment(3))
    }
    var bytes = 0
    for lane in lanes {
      if bytes > Self.bodyBytesMost, let kind = lane.kind {
        let channel = Channel(account: lane.account, kind: kind)
        knownUntil[channel] = min(knownUntil[channel] ?? .max, lane.ready)
        try db.execute("delete from main.lane where id = ?", .int(lane.id))
        continue
      }
      bytes += try db.all(
        """
        insert or ignore into main.ask
        select * from source.ask indexed by asks_of_a_lane where lane_id = ? and outcome is null
        returning length(cast(body as blob))
        """, .int(lane.id)
      ) { (row) throws(StoreError) in row.int(0) }.reduce(0, +)
    }
  }

  private func copyAudiences(_ db: borrowing Connection) throws(StoreError) {
    try db.execute(
      """
      insert or ignore into main.audience select * from source.audience where id in (
        select audience_id from main.lane union select follow_id from main.lane
        union select audience_id from main.ask union select audience_id from main.call where ended_ms is null)
      """)
  }
}
