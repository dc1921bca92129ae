import Planning

/// Which accounts the worker's configuration knows. The worker leaves that in the queue, for programs that
/// only ask and have no configuration.
extension WorkerStore {
  /// All of them; no other is known any more.
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
  /// Whether the worker that was here last does not know the account; false where none has been yet.
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
  /// The column comes with a migration.
  fileprivate borrowing func hasConfiguredAccounts() throws(StoreError) -> Bool {
    try first("select 1 from pragma_table_info('account') where name = 'is_configured'") {
      (row) throws(StoreError) in true
    } ?? false
  }
}
