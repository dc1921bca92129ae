import Planning

/// An account as the queue knows it: what the last worker recorded of its configuration, and
/// whether it waits for a person.
package struct StoredAccount: Sendable {
  package let id: Int
  package let name: String
  /// Nil if no worker has recorded it yet.
  package let isConfigured: Bool?
  package let isParked: Bool
  /// Its app secret cannot be read. For a tenant: its app cannot sign in until somebody acts.
  package let lacksSecret: Bool
  /// Calls and milliseconds, for the kinds whose limits are recorded.
  package var limits: [Kind: [Budget.Limit]] = [:]
  package let monthlyQuota: Int?
  package let quotaReserve: Int
  package let packing: Packing
  package let joins: Bool
  package let sightings: SightingLimits
  package let hasUserToken: Bool
  /// When the access token of the running worker expires.
  package let tokenExpires: Moment?
}

extension StoredAccount {
  /// Whether it makes no calls until a person acts.
  package var needsPerson: Bool { isParked || lacksSecret || isConfigured == false }
}

extension WorkerStore {
  package func storedAccounts() throws(StoreError) -> [StoredAccount] {
    var accounts = try db.all(
      """
      select account.id, account.name, account.configured, account.parked is not null,
        app.parked is not null
          or exists (select 1 from budget where account_id in (account.id, app.id) and api = 'auth'
            and paused_for = 'credentials' and paused_ms > 0),
        account.limits ->> '$.monthly_quota', ifnull(account.limits ->> '$.quota_reserve', 0),
        account.limits ->> '$.cover_extra_pairs', ifnull(account.limits ->> '$.join', 1),
        ifnull(account.limits ->> '$.user_token', 0), account.token_ms,
        account.limits ->> '$.sightings_days', account.limits ->> '$.previews_per_key',
        account.limits ->> '$.viewers_most'
      from account left join account as app on app.name = account.limits ->> '$.app'
      order by account.id
      """
    ) { (row) throws(StoreError) in
      StoredAccount(
        id: row.int(0), name: row.text(1), isConfigured: row.optionalInt(2).map { $0 == 1 },
        isParked: row.bool(3), lacksSecret: row.bool(4), monthlyQuota: row.optionalInt(5),
        quotaReserve: row.count(6),
        packing: row.optionalInt(7).map { .cover(extraPairsMax: $0) } ?? .exact,
        joins: row.bool(8), sightings: SightingLimits(row, first: 11), hasUserToken: row.bool(9),
        tokenExpires: row.optionalMoment(10))
    }
    var limits: [Int: [Kind: [Budget.Limit]]] = [:]
    try db.each(
      """
      select account.id, kind.name, allowed.value ->> 0, allowed.value ->> 1
      from account join kind join json_each(account.limits, '$.' || kind.name) as allowed
      """
    ) { (row) throws(StoreError) in
      guard let kind = Kind(rawValue: row.text(1)) else { return }
      limits[row.int(0), default: [:]][kind, default: []].append(
        Budget.Limit(max(1, row.count(2)), per: max(1, row.count(3))))
    }
    for index in accounts.indices { accounts[index].limits = limits[accounts[index].id] ?? [:] }
    return accounts
  }

  /// What its calls of this kind may do, as the last worker recorded it.
  func limits(of kind: Kind, account: Int) throws(StoreError) -> [Budget.Limit] {
    let limits = try db.all(
      """
      select allowed.value ->> 0, allowed.value ->> 1
      from account join json_each(limits, '$.' || ?2) as allowed where account.id = ?1
      """, .int(account), .text(kind.rawValue)
    ) { (row) throws(StoreError) in
      Budget.Limit(max(1, row.count(0)), per: max(1, row.count(1)))
    }
    return limits.isEmpty ? kind.rules.limits : limits
  }
}
