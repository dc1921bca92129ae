import Planning

/// Accounts that this run stops working, so that another takes them.
extension WorkerStore {
  /// Whether the loop has noted that the account is not its own any more, and none of its calls is under way.
  package func isOutOfWork(_ account: String) throws(StoreError) -> Bool {
    try db.first(
      """
      select 1 from account where name = ? and configured is not 1 and not exists (
        select 1 from call indexed by calls_under_way where ended_ms is null and account_id = account.id)
      """, .text(account)
    ) { (_) throws(StoreError) in true } ?? false
  }

  /// Removes what the account has open. Its calls stay, for they count if the account comes back.
  package func dropAsks(of account: String) throws(StoreError) {
    guard let id = try number(ofAccount: account) else { return }
    try db.execute(
      "delete from shared_ask where account = ?", .text(account))
    try db.execute("delete from changed_floor where account = ?", .text(account))
    try db.execute("delete from ask where account = ?", .text(account))
    try db.execute(
      "delete from parcel where lane_id in (select id from lane where account_id = ?)", .int(id))
    // The slots of its lanes stay for the same reason.
    try db.execute(
      """
      update lane set state = 'idle', audience_id = null, many_calls = 0, follow_id = null, since_ms = null,
        ready_ms = null, expires_ms = null, call_id = null, group_id = null, people_max = null, strikes = 0,
        proven = 0, attempts = 0, evidence = null, failed_ms = null, failing_ms = null, memory = '{}', result = null
      where account_id = ?
      """, .int(id))
    // The loop keeps in memory when its lanes are due.
    try db.execute("update worker set control = control + 1")
  }
}
