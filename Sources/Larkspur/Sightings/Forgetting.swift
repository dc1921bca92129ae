import Planning

/// Forgets sightings on request, in slices.
extension Inspector {
  /// What a person wants forgotten, in one account or in all.
  package enum Forgotten: Equatable, Sendable {
    case token(String)
    /// Previews that have no other key go with it.
    case key(String)
    /// From all previews.
    case viewer(openID: String)
  }

  /// How many rows have gone. A user counts once for each preview.
  package struct ForgottenRows: Equatable, Sendable {
    package var previews = 0
    package var keys = 0
    package var viewers = 0

    package init(previews: Int = 0, keys: Int = 0, viewers: Int = 0) {
      self.previews = previews
      self.keys = keys
      self.viewers = viewers
    }

    package var total: Int { previews + keys + viewers }
  }

  /// `progress` is told how many rows are gone so far and returns whether to continue.
  package borrowing func forget(
    _ what: Forgotten, account: String?, progress: (Int) -> Bool = { _ in true }
  ) throws(QueueError) -> ForgottenRows {
    try perform { () throws(StoreError) in
      var gone = ForgottenRows()
      guard progress(0) else { return gone }
      switch what {
      case .token(let name):
        try forget(tokens: try tokens(named: name, account), of: nil, &gone, progress)
      case .key(let name):
        for key in try keys(named: name, account) where progress(gone.total) {
          try forget(tokens: try tokens(ofKey: key), of: key, &gone, progress)
          if progress(gone.total) { try forget(key: key, &gone) }
        }
      case .viewer(let openID): try forget(viewer: openID, account, &gone, progress)
      }
      return gone
    }
  }

  /// Reading does not keep others from writing.
  private borrowing func tokens(
    named name: String, _ account: String?
  ) throws(StoreError) -> [Int] {
    try db.all(
      "select id from known_token where name = ?1 and (?2 is null or account = ?2)", .text(name),
      .of(account)
    ) { (row) throws(StoreError) in row.int(0) }
  }

  private borrowing func keys(
    named name: String, _ account: String?
  ) throws(StoreError) -> [Int] {
    try db.all(
      "select id from known_key where name = ?1 and (?2 is null or account = ?2)", .text(name),
      .of(account)
    ) { (row) throws(StoreError) in row.int(0) }
  }

  private borrowing func tokens(ofKey key: Int) throws(StoreError) -> [Int] {
    try db.all("select token_id from tag where key_id = ?", .int(key)) {
      (row) throws(StoreError) in row.int(0)
    }
  }

  /// Of a key, tokens that have another one lose only this one.
  borrowing func forget(
    tokens: [Int], of key: Int?, _ gone: inout ForgottenRows, _ progress: (Int) -> Bool
  ) throws(StoreError) {
    var left = tokens[...]
    if left.isEmpty { return }
    try inSlices { (rows) throws(StoreError) in
      var room = rows
      while room > 0, let token = left.first {
        room -= 1
        if let key, try hasOtherKey(token, than: key) {
          try db.execute(
            "delete from tag where key_id = ? and token_id = ?", .int(key), .int(token))
        } else {
          let forgotten = try db.forgetToken(token, viewersAtMost: room + 1)
          gone.viewers += forgotten.viewers
          gone.previews += forgotten.previews
          room -= forgotten.viewers
          if !forgotten.isGone { break }
        }
        left.removeFirst()
      }
      return left.isEmpty || !progress(gone.total)
    }
  }

  private borrowing func hasOtherKey(_ token: Int, than key: Int) throws(StoreError) -> Bool {
    try db.first(
      "select 1 from tag where token_id = ? and key_id <> ? limit 1", .int(token), .int(key)
    ) { (_) throws(StoreError) in true } ?? false
  }

  /// Its previews may have been seen again meanwhile.
  private borrowing func forget(
    key: Int, _ gone: inout ForgottenRows
  ) throws(StoreError) {
    try db.transaction { () throws(StoreError) in
      try db.forgetKeyWithoutPreviews(key)
      gone.keys += db.changes
    }
  }

  private borrowing func forget(
    viewer openID: String, _ account: String?, _ gone: inout ForgottenRows,
    _ progress: (Int) -> Bool
  ) throws(StoreError) {
    let seen = try db.all(
      """
      select token_id from viewer indexed by previews_of_a_viewer
      where open_id = ?1 and (?2 is null
        or exists (select 1 from known_token where id = token_id and account = ?2))
      """, .text(openID), .of(account)
    ) { (row) throws(StoreError) in row.int(0) }
    try inSlices(seen) { (token) throws(StoreError) in
      try db.execute(
        "delete from viewer where token_id = ? and open_id = ?", .int(token), .text(openID))
      gone.viewers += db.changes
    } isWanted: {
      progress(gone.total)
    }
  }
}
