import Planning

extension WorkerStore {
  /// Stores which accounts are configured and what they may do, for other programs to read.
  /// `allowances` are JSON, by account name.
  package func note(configured allowances: [(name: String, allowance: String)]) throws(StoreError) {
    let all = JSONText.object(allowances)
    try db.execute(
      """
      update account set configured = 0
      where configured is not 0 and name not in (select key from json_each(?))
      """, .text(all))
    try db.execute(
      """
      update account set configured = 1, limits = allowed.value
      from json_each(?) as allowed
      where account.name = allowed.key and (configured is not 1 or limits is not allowed.value)
      """, .text(all))
  }
}

extension Intake {
  /// Whether the account is missing from the configuration of the last worker. False if none has run yet.
  package borrowing func isUnconfigured(_ account: String) throws(QueueError) -> Bool {
    try perform { () throws(StoreError) in
      try db.first(
        """
        select 1 where exists (select 1 from account where configured = 1)
          and not exists (select 1 from account where name = ? and configured = 1)
        """, .text(account)
      ) { (row) throws(StoreError) in true } ?? false
    }
  }
}
