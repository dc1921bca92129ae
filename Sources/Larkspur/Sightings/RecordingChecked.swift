/// Records sightings that the schema's checks have passed, without the view `sighting`. What is
/// written is the same, in a fraction of the time: the view's trigger looks everything up by name
/// again in each of its statements.
extension Intake {
  /// Records sightings that a `SightingChecker` has passed, all or none.
  package borrowing func record(checked sightings: [Sighting]) throws(QueueError) {
    try perform { () throws(StoreError) in
      try db.transaction { () throws(StoreError) in
        let today = try db.first("select unixepoch() / 86400") { (row) throws(StoreError) in
          row.int(0)
        }
        for sighting in sightings { try db.record(checked: sighting, on: today ?? 0) }
      }
    }
  }

  /// For millions of rows in random order, SQLite's usual 2 MB would read each page many times.
  package borrowing func useMemory(megabytes: Int) throws(QueueError) {
    try perform { () throws(StoreError) in
      try db.run(script: "pragma cache_size = -\(megabytes * 1_000)")
    }
  }
}

extension Connection {
  fileprivate borrowing func record(
    checked sighting: Sighting, on today: Int
  ) throws(StoreError) {
    let account = Value.text(sighting.account)
    let token = try token(sighting, account, today)
    for key in sighting.keys {
      try tag(token, try self.key(named: key, account), today)
    }
    guard let viewer = sighting.openID, !viewer.isEmpty else { return }
    try execute(
      """
      insert into viewer (token_id, open_id, seen_day) values (?, ?, ?)
      on conflict (token_id, open_id) do update set seen_day = excluded.seen_day
      where seen_day < excluded.seen_day
      """, .int(token), .text(viewer), .int(today))
  }

  /// Updates what is known of the token, if anything is new, and returns its id.
  private borrowing func token(
    _ sighting: Sighting, _ account: Value, _ today: Int
  ) throws(StoreError) -> Int {
    let (name, url) = (Value.text(sighting.token), Value.of(sighting.url?.nonEmpty))
    let chat = Value.of(sighting.chat?.nonEmpty)
    let known = try first(
      """
      select id, seen_day < ?3 or url is not ifnull(?4, url) or chat is not ifnull(?5, chat)
      from known_token where account = ?1 and name = ?2
      """, account, name, .int(today), url, chat
    ) { (row) throws(StoreError) in (id: row.int(0), isOutdated: row.bool(1)) }
    guard let known else {
      try execute(
        "insert into known_token (account, name, url, chat, seen_day) values (?, ?, ?, ?, ?)",
        account, name, url, chat, .int(today))
      return lastInsertID
    }
    if known.isOutdated {
      try execute(
        """
        update known_token set url = ifnull(?2, url), chat = ifnull(?3, chat), seen_day = max(seen_day, ?4)
        where id = ?1
        """, .int(known.id), url, chat, .int(today))
    }
    return known.id
  }

  private borrowing func key(named name: String, _ account: Value) throws(StoreError) -> Int {
    let known = try first(
      "select id from known_key where account = ? and name = ?", account, .text(name)
    ) { (row) throws(StoreError) in row.int(0) }
    if let known { return known }
    try execute("insert into known_key (account, name) values (?, ?)", account, .text(name))
    return lastInsertID
  }

  private borrowing func tag(_ token: Int, _ key: Int, _ today: Int) throws(StoreError) {
    try execute(
      """
      insert into tag (key_id, token_id, seen_day) values (?, ?, ?)
      on conflict (key_id, token_id) do update set seen_day = excluded.seen_day
      where seen_day < excluded.seen_day
      """, .int(key), .int(token), .int(today))
    if changes == 0 { return }
    // Other programs may have recorded keys since the lines were checked.
    let keys = try first("select count(*) from tag where token_id = ?", .int(token)) {
      (row) throws(StoreError) in row.int(0)
    }
    if keys ?? 0 > SightingChecker.keysMost {
      throw StoreError(.refused, message: SightingChecker.tooManyKeys)
    }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
