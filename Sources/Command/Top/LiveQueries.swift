/// The queries of `top`. In all of them ?1 is the account or null. None grows with the length of the
/// history.
enum LiveQueries {
  /// The channels with the most calls in the last minute, and those that are stopped, at most ?2.
  static let channels = """
    select account.id, account.name, budget.api,
      (select count(*) from call where call.account_id = budget.account_id
        and call.api = budget.api and started_ms > now_ms - 60000) as lately,
      iif(account.parked is null and paused_ms > now_ms, paused_ms + skew_ms, null),
      iif(account.parked is not null, ifnull(parked_why, account.parked), paused_why),
      account.parked is not null, now_ms
    from clock join budget join account on account.id = budget.account_id
    where (?1 is null or account.name = ?1)
      and (budget.api <> 'auth' or paused_ms > now_ms or account.parked is not null)
    order by lately desc, account.name, budget.api limit ?2
    """

  /// The limits of the account ?1 for the API ?2.
  static let limits = """
    select rate.value ->> '$[0]', rate.value ->> '$[1]'
    from account, json_each(account.limits) as allowed, json_each(allowed.value) as rate
    where account.id = ?1 and allowed.key = ?2 and allowed.type = 'array'
    """

  /// The calls of the account ?1 to the API ?2 since ?3.
  static let made = """
    select count(*) from call where account_id = ?1 and api = ?2 and started_ms > ?3
    """

  /// The latest calls, at most ?2. Calls that hand out access tokens are left out.
  static let calls = latest(where: "true")

  /// The latest that were not delivered.
  static let troubles = latest(where: "outcome is not null and outcome <> 'delivered'")

  private static func latest(where condition: String) -> String {
    """
    select call.id, account.name, api, started_ms + skew_ms, ended_ms - started_ms,
      json_array_length(lanes), iif(api = 'preview', ifnull(audience.size, -1), null),
      ifnull(outcome, 'in flight'), code, http_status, message
    from clock join (select * from call order by id desc limit 5000) as call
    join account on account.id = call.account_id
    left join audience on audience.id = audience_id
    where api <> 'auth' and \(condition) and (?1 is null or account.name = ?1)
    order by call.id desc limit ?2
    """
  }
}
