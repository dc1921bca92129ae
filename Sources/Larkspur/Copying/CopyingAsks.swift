import Planning

extension Copying {
  private static let bodyBytesMost = 64_000_000

  /// Asks that are not in a lane yet, and the lanes they name. Returns the earliest moment at which
  /// one that was not copied can join a lane; nil if all were copied.
  func copyNewAsks(_ db: borrowing Connection) throws(StoreError) -> Moment? {
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
    try copyPreviewsAsked(db)
    return known.min()
  }

  /// What asks by key or URL will be expanded to.
  private func copyPreviewsAsked(_ db: borrowing Connection) throws(StoreError) {
    try db.execute(
      """
      insert or ignore into main.known_key
      select known_key.* from main.ask cross join source.known_key
        on known_key.account = ask.account and known_key.name = ask.lane
      where ask.kind = 'key' and ask.lane_id is null
      """)
    try db.execute(
      "insert into main.tag select tag.* from main.known_key cross join source.tag on key_id = known_key.id"
    )
    try db.execute(
      """
      insert or ignore into main.known_token
      select known_token.* from main.tag cross join source.known_token on known_token.id = token_id
      union
      select known_token.* from main.ask cross join source.known_token indexed by tokens_of_a_url
        on known_token.account = ask.account and known_token.url = ask.lane
      where ask.kind = 'url' and ask.lane_id is null
      """)
    try db.execute(
      """
      insert into main.viewer
      select viewer.* from main.known_token cross join source.viewer on token_id = known_token.id
      """)
    try db.execute(
      """
      insert or ignore into main.lane
      select lane.* from main.known_token
      join main.account on account.name = known_token.account
      cross join source.lane on lane.account_id = account.id and lane.kind = 'preview'
        and lane.name = known_token.name
      """)
  }

  /// What the lanes carry. A parcel is made from the bodies of its asks; lanes that share calls need
  /// only the audiences.
  func copyAsks(
    _ db: borrowing Connection, _ knownUntil: inout [Channel: KnownUntil]
  ) throws(StoreError) {
    try db.execute(
      """
      insert or ignore into main.ask (id, account, kind, lane, body, after_ms, expires_in_ms, asked_ms,
        lane_id, audience_id, first_call, due_ms, expires_ms, refused, outcome, reason, ended_ms, call_id,
        urgent, spread_ms)
      select ask.id, ask.account, ask.kind, ask.lane, '{}', ask.after_ms, ask.expires_in_ms, ask.asked_ms,
        ask.lane_id, ask.audience_id, ask.first_call, ask.due_ms, ask.expires_ms, ask.refused, ask.outcome,
        ask.reason, ask.ended_ms, ask.call_id, ask.urgent, ask.spread_ms
      from main.lane cross join source.ask indexed by asks_of_a_lane on ask.lane_id = lane.id
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
        knownUntil[channel, default: KnownUntil()].end(lane.ready)
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

  func copyAudiences(_ db: borrowing Connection) throws(StoreError) {
    try db.execute(
      """
      insert or ignore into main.audience select * from source.audience where id in (
        select audience_id from main.lane union select follow_id from main.lane
        union select audience_id from main.ask union select audience_id from main.call where ended_ms is null)
      """)
  }
}
