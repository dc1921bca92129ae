import Planning

/// The stages of a pass. Each looks at one page of rows and says what is next.
extension WorkerStore {
  func forgetViewers(
    after last: (token: Int, openID: String), _ pass: inout ForgettingPass
  ) throws(StoreError) {
    let rows = try db.all(
      """
      select token_id, open_id, viewer.seen_day, account
      from viewer left join known_token on known_token.id = token_id
      where (token_id, open_id) > (?, ?) order by token_id, open_id limit ?
      """, .int(last.token), .text(last.openID), .int(Self.sightingsAtOnce)
    ) { (row) throws(StoreError) in
      (token: row.int(0), openID: row.text(1), seen: row.int(2), account: row.text(3))
    }
    for row in rows {
      if pass.isOld(row.seen, account: row.account) {
        try db.execute(
          "delete from viewer where token_id = ? and open_id = ?", .int(row.token),
          .text(row.openID))
      } else if let day = pass.correction(of: row.seen) {
        try db.execute(
          "update viewer set seen_day = ? where token_id = ? and open_id = ?", .int(day),
          .int(row.token), .text(row.openID))
      }
    }
    pass.stage =
      rows.last.map { .viewers(token: $0.token, openID: $0.openID) }
      ?? .tags(key: .min, token: .min, PreviewsByDay(), most: .max)
  }

  private struct Tag {
    let key: Int
    let token: Int
    let seen: Int
    let account: String
  }

  /// Counts what stays, key by key.
  func forgetTags(
    after last: (key: Int, token: Int), _ counted: PreviewsByDay, most: Int,
    _ pass: inout ForgettingPass
  ) throws(StoreError) {
    let rows = try db.all(
      """
      select key_id, token_id, seen_day, account from tag left join known_key on known_key.id = key_id
      where (key_id, token_id) > (?, ?) order by key_id, token_id limit ?
      """, .int(last.key), .int(last.token), .int(Self.sightingsAtOnce)
    ) { (row) throws(StoreError) in
      Tag(key: row.int(0), token: row.int(1), seen: row.int(2), account: row.text(3))
    }
    var (counted, most, last) = (counted, most, last)
    for row in rows {
      if row.key != last.key {
        if let surplus = counted.surplus(beyond: most) {
          pass.stage = .surplus(key: last.key, token: .min, surplus)
          return
        }
        counted = PreviewsByDay()
        most = pass.limits(of: row.account).previewsPerKey
      }
      try look(at: row, &counted, &pass)
      last = (row.key, row.token)
    }
    if !rows.isEmpty {
      pass.stage = .tags(key: last.key, token: last.token, counted, most: most)
    } else if let surplus = counted.surplus(beyond: most) {
      pass.stage = .surplus(key: last.key, token: .min, surplus)
    } else {
      pass.stage = .tokens(after: .min)
    }
  }

  private func look(
    at tag: Tag, _ counted: inout PreviewsByDay, _ pass: inout ForgettingPass
  ) throws(StoreError) {
    // What is needed is kept, and does not count.
    let isNeeded = pass.needed.map { $0.keys.contains(tag.key) || $0.tokens.contains(tag.token) }
    if isNeeded != true && pass.isOld(tag.seen, account: tag.account) {
      return try delete(tag: tag.key, tag.token)
    }
    let day = pass.correction(of: tag.seen)
    if let day {
      try db.execute(
        "update tag set seen_day = ? where key_id = ? and token_id = ?", .int(day), .int(tag.key),
        .int(tag.token))
    }
    pass.note(kept: day ?? tag.seen)
    if isNeeded != true { counted.add(day: day ?? tag.seen) }
  }

  func drop(
    _ surplus: Surplus, of key: Int, after last: Int, _ pass: inout ForgettingPass
  ) throws(StoreError) {
    let rows = try db.all(
      "select token_id, seen_day from tag where key_id = ? and token_id > ? order by token_id limit ?",
      .int(key), .int(last), .int(Self.sightingsAtOnce)
    ) { (row) throws(StoreError) in (token: row.int(0), seen: row.int(1)) }
    guard let end = rows.last else {
      pass.stage = .tags(key: key, token: .max, PreviewsByDay(), most: .max)
      return
    }
    var surplus = surplus
    var dropped = 0
    for row in rows
    where pass.needed?.tokens.contains(row.token) != true && surplus.takes(lastSeen: row.seen) {
      try delete(tag: key, row.token)
      dropped += 1
    }
    if dropped > 0 {
      try db.execute(
        "update known_key set dropped = dropped + ? where id = ?", .int(dropped), .int(key))
    }
    pass.stage = .surplus(key: key, token: end.token, surplus)
  }

  private func delete(tag key: Int, _ token: Int) throws(StoreError) {
    try db.execute("delete from tag where key_id = ? and token_id = ?", .int(key), .int(token))
  }

  func forgetTokensWithoutKeys(
    after last: Int, _ pass: inout ForgettingPass
  ) throws(StoreError) {
    let rows = try db.all(
      """
      select id, exists (select 1 from tag where token_id = known_token.id), seen_day
      from known_token where id > ? order by id limit ?
      """, .int(last), .int(Self.sightingsAtOnce)
    ) { (row) throws(StoreError) in (id: row.int(0), hasKey: row.bool(1), seen: row.int(2)) }
    var last = last
    for row in rows {
      if !row.hasKey {
        if try !db.forgetToken(row.id, viewersAtMost: Self.sightingsAtOnce).isGone {
          // Its viewers take more than one slice.
          pass.stage = .tokens(after: last)
          return
        }
      } else if let day = pass.correction(of: row.seen) {
        try db.execute("update known_token set seen_day = ? where id = ?", .int(day), .int(row.id))
      }
      last = row.id
    }
    pass.stage = rows.isEmpty ? .keys(after: .min) : .tokens(after: last)
  }

  func forgetKeysWithoutPreviews(
    after last: Int, _ pass: inout ForgettingPass
  ) throws(StoreError) {
    let rows = try db.all(
      """
      select id, exists (select 1 from tag where key_id = known_key.id)
      from known_key where id > ? order by id limit ?
      """, .int(last), .int(Self.sightingsAtOnce)
    ) { (row) throws(StoreError) in (id: row.int(0), hasPreviews: row.bool(1)) }
    for row in rows where !row.hasPreviews {
      try db.execute("delete from known_key where id = ?", .int(row.id))
    }
    pass.stage = rows.last.map { .keys(after: $0.id) } ?? .done
  }
}
