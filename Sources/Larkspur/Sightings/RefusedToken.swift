import Planning

extension WorkerStore {
  /// Some milliseconds of work. A preview with more viewers keeps the rest until the daily pass.
  private static let viewersAtOnce = 1_000

  /// Forgets a preview whose token Feishu refuses, and the keys that no other preview has, so that
  /// the next ask by key does not try it again. If a user's client requests it later, it is seen
  /// again.
  func forget(refused token: String, account: Int) throws(StoreError) {
    let id = try db.first(
      """
      select known_token.id from account join known_token on known_token.account = account.name
      where account.id = ? and known_token.name = ?
      """, .int(account), .text(token)
    ) { (row) throws(StoreError) in row.int(0) }
    guard let id else { return }
    let keys = try db.all("select key_id from tag where token_id = ?", .int(id)) {
      (row) throws(StoreError) in row.int(0)
    }
    if try !db.forgetToken(id, viewersAtMost: Self.viewersAtOnce).isGone {
      // Neither a key nor a URL leads to it any more.
      try db.execute("delete from tag where token_id = ?", .int(id))
      try db.execute("update known_token set url = null where id = ?", .int(id))
    }
    for key in keys { try db.forgetKeyWithoutPreviews(key) }
    try db.execute("update worker set refused_previews = refused_previews + 1")
  }
}

extension Connection {
  /// Forgets a key unless some preview shows it.
  borrowing func forgetKeyWithoutPreviews(_ id: Int) throws(StoreError) {
    try execute(
      "delete from known_key where id = ?1 and not exists (select 1 from tag where key_id = ?1)",
      .int(id))
  }
}
