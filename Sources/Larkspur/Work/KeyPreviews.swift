import Planning

/// A preview that shows what has changed.
struct ShownPreview {
  /// Nil if it is not known any more.
  let id: Int?
  let token: String
}

extension WorkerStore {
  private func retried(_ tokens: [String], account: String) throws(StoreError) -> [ShownPreview] {
    try tokens.map { (token) throws(StoreError) in
      let id = try db.first(
        "select id from known_token where account = ? and name = ?", .text(account), .text(token)
      ) { (row) throws(StoreError) in row.int(0) }
      return ShownPreview(id: id, token: token)
    }
  }

  /// The previews, the newest first; of an ask that died, those that were not refreshed.
  func previews(
    of ask: IncomingAsk, _ selector: Selector
  ) throws(StoreError) -> [ShownPreview] {
    if let refused = ask.refused, let tokens = try people(in: refused) {
      return try retried(tokens, account: ask.row.account)
    }
    let (account, name) = (Value.text(ask.row.account), Value.text(ask.row.lane))
    switch selector {
    case .key:
      return try db.all(
        """
        select known_token.id, known_token.name
        from known_key join tag on tag.key_id = known_key.id join known_token on known_token.id = token_id
        where known_key.account = ? and known_key.name = ? order by token_id desc
        """, account, name
      ) { (row) throws(StoreError) in ShownPreview(id: row.int(0), token: row.text(1)) }
    case .url:
      return try db.all(
        "select id, name from known_token where account = ? and url = ? order by id desc",
        account, name
      ) { (row) throws(StoreError) in ShownPreview(id: row.int(0), token: row.text(1)) }
    }
  }

  /// One more than `most` is enough to know that there are too many.
  func viewers(of preview: ShownPreview, most: Int) throws(StoreError) -> [String] {
    try db.all(
      "select open_id from viewer where token_id = ? limit ?", .of(preview.id), .int(most + 1)
    ) { (row) throws(StoreError) in row.text(0) }
  }
}
