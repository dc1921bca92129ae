import Planning

/// Which accounts are in the worker's configuration. The worker records them in the queue, for programs that
/// only enqueue and have no configuration.
extension WorkerStore {
  /// Records these accounts, and no others, as configured.
  package func put(configured accounts: [Int]) throws(StoreError) {
    guard try db.hasConfiguredAccounts() else { return }
    try db.execute(
      """
      with configured (id) as (select value from json_each(?))
      update account set is_configured = id in (select id from configured)
      where is_configured <> (id in (select id from configured))
      """, .text("[\(accounts.map(String.init).joined(separator: ","))]"))
  }
}

extension Intake {
  /// Whether the account is missing from the configuration of the last worker. False if none has run yet.
  package borrowing func isUnconfigured(_ account: String) throws(QueueError) -> Bool {
    try perform { () throws(StoreError) in
      guard try db.hasConfiguredAccounts() else { return false }
      return try db.first(
        """
        select 1 where exists (select 1 from account where is_configured)
          and not exists (select 1 from account where name = ? and is_configured)
        """, .text(account)
      ) { (row) throws(StoreError) in true } ?? false
    }
  }
}

extension Connection {
  /// The column comes with a later migration.
  fileprivate borrowing func hasConfiguredAccounts() throws(StoreError) -> Bool {
    try first("select 1 from pragma_table_info('account') where name = 'is_configured'") {
      (row) throws(StoreError) in true
    } ?? false
  }
}
