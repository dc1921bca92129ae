import Planning

extension WorkerStore {
  /// Stores which accounts are configured and what they may do, for other programs to read.
  /// `allowances` are JSON, by account name; `tenants` are those of all other tenants of store apps, by
  /// the name of the app.
  package func note(
    configured allowances: [(name: String, allowance: String)],
    tenants: [(app: String, allowance: String)]
  ) throws(StoreError) {
    storeApps = Set(tenants.map(\.app))
    let all = JSONText.object(allowances)
    let apps = JSONText.object(tenants)
    try db.execute(
      """
      update account set configured = 0
      where configured is not 0 and name not in (select key from json_each(?1))
        and not exists (select 1 from json_each(?2) as app where name glob app.key || '.*')
      """, .text(all), .text(apps))
    try db.execute(
      """
      update account set configured = 1, limits = allowed.value
      from json_each(?) as allowed
      where account.name = allowed.key and (configured is not 1 or limits is not allowed.value)
      """, .text(all))
    if tenants.isEmpty { return }
    try db.execute(
      """
      update account set configured = 1, limits = app.value
      from json_each(?2) as app
      where account.name glob app.key || '.*' and account.name not in (select key from json_each(?1))
        and (configured is not 1 or limits is not app.value)
      """, .text(all), .text(apps))
  }

  /// The same for one tenant, when something is first asked for it.
  package func note(configured name: String, allowance: String) throws(StoreError) {
    try db.execute(
      """
      update account set configured = 1, limits = ?2
      where name = ?1 and (configured is not 1 or limits is not ?2)
      """, .text(name), .text(allowance))
  }
}

extension Intake {
  /// Whether the account is missing from the configuration of the last worker. False if none has run yet.
  package borrowing func isUnconfigured(_ account: String) throws(QueueError) -> Bool {
    try perform { () throws(StoreError) in
      try db.first(
        """
        select 1 where exists (select 1 from account where configured = 1)
          and not exists (select 1 from account where name = ?1 and configured = 1)
          -- The tenants of a store app are configured with it.
          and not exists (
            select 1 from account
            where configured = 1 and limits ->> '$.store_app' and ?1 glob name || '.?*')
        """, .text(account)
      ) { (row) throws(StoreError) in true } ?? false
    }
  }
}
