extension HistoryQueries {
  /// What is dead now, by code and reason, with two of the lanes.
  static let dead = """
    select ask.account, call.code, reason, count(distinct ask.kind || ' ' || ask.lane) as lanes,
      min(ask.lane), max(ask.lane), min(ask.kind)
    from ask left join call on call.id = ask.call_id
    where ask.outcome = 'dead' and (?1 is null or ask.account = ?1)
    group by ask.account, call.code, reason
    order by lanes desc, reason
    """

  /// Calls that were not delivered, by code and message, with the log id of the last.
  static let refused = """
    select account.name, outcome, code, http_status, ifnull(message, ''), count(*) as calls,
      log_id, max(call.id)
    from call join account on account.id = account_id
    where started_ms between ?2 and ?3 and outcome is not null and outcome <> 'delivered'
      and (?1 is null or account.name = ?1)
    group by account_id, outcome, code, http_status, message
    order by calls desc, max(call.id) desc
    """

  static let slowest = """
    select account.name, api, started_ms + ?4, ended_ms - started_ms as took_ms,
      json_array_length(lanes), outcome, log_id
    from call join account on account.id = account_id
    where started_ms between ?2 and ?3 and ended_ms is not null
      and (?1 is null or account.name = ?1)
    order by took_ms desc, call.id limit 10
    """

  /// The keys and URLs that were asked for most, and how many previews of them were seen.
  static let keys = """
    select asked.account, lane, asks,
      (select count(*) from known_key join tag on key_id = known_key.id
        where known_key.account = asked.account and known_key.name = asked.lane)
    from (
      select account, lane, count(*) as asks from ask
      where id > 0 and kind in ('key', 'url') and asked_ms between ?2 + ?4 and ?3 + ?4
        and (?1 is null or account = ?1)
      group by account, kind, lane
      order by asks desc, lane limit 15) as asked
    """

  /// Accounts with a monthly quota, the calls of this month (?5), and those of the last ?6 ms.
  static let quotas = """
    select account.name, account.limits ->> '$.monthly_quota' as most,
      (select ifnull(sum(month_calls), 0) from budget join kind on kind.name = budget.api
        where budget.account_id = account.id and has_quota and month = ?5),
      sum(lately.calls), min(lately.first_ms)
    from account join (
      select account_id, count(call.id) as calls, min(started_ms) as first_ms
      from kind cross join account as owner
      join call indexed by calls_of_a_budget
        on call.account_id = owner.id and api = kind.name and started_ms > ?3 - ?6
      where has_quota and owner.limits ->> '$.monthly_quota' is not null
      group by account_id
      union all select id, 0, null from account) as lately on lately.account_id = account.id
    where most is not null and (?1 is null or account.name = ?1)
    group by account.id
    """
}
