/// The queries of a report. In all of them ?1 is the account or null, ?2 and ?3 are the first and the last moment of
/// the report on the queue's clock, and ?4 is the wall clock less the queue's. Moments in the results are on the wall
/// clock.
enum HistoryQueries {
  /// When the first ask was made, or the first call.
  static let first = """
    select min(at_ms) from (
      select min(started_ms) + ?4 as at_ms
      from call join account on account.id = account_id
      where started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
      union all
      select min(asked_ms) from ask
      where id > 0 and asked_ms between ?2 + ?4 and ?3 + ?4 and (?1 is null or account = ?1))
    """

  /// How many calls began in each step of ?5 ms, and how many lanes they carried. The steps are those of the wall
  /// clock; each is named by a moment in it.
  static let calls = """
    select account.name, api, (started_ms + ?4) / ?5 * ?5 as at_ms, outcome, count(*),
      sum(json_array_length(lanes))
    from call join account on account.id = account_id
    where started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
    group by account_id, api, at_ms, outcome
    """

  /// What each account may do, as its worker has written it down: {"preview": [[5, 1000]], …}.
  static let limits = """
    select account.name, allowed.key, rate.value ->> '$[0]', rate.value ->> '$[1]'
    from account, json_each(account.limits) as allowed, json_each(allowed.value) as rate
    where allowed.key in (select name from kind) and allowed.type = 'array'
      and (?1 is null or account.name = ?1)
    """

  static let stretches = """
    select what, account.name, api, reason, why, began_ms + ?4, ended_ms + ?4
    from span left join account on account.id = account_id
    where began_ms <= ?3 and ifnull(ended_ms, ?3) >= ?2
      and (?1 is null or account_id is null or account.name = ?1)
    order by span.id
    """

  /// Delivered asks by the step of ?5 ms in which they were delivered, and by how long they waited, rounded up to two
  /// digits. An ask that may go later waits from then on. This is what the view `latency` counts.
  static let waits = """
    select at_ms,
      case
        when waited_ms <= 100 then waited_ms
        when waited_ms <= 1000 then (waited_ms + 9) / 10 * 10
        when waited_ms <= 10000 then (waited_ms + 99) / 100 * 100
        when waited_ms <= 100000 then (waited_ms + 999) / 1000 * 1000
        when waited_ms <= 1000000 then (waited_ms + 9999) / 10000 * 10000
        when waited_ms <= 10000000 then (waited_ms + 99999) / 100000 * 100000
        else (waited_ms + 999999) / 1000000 * 1000000
      end as about_ms, count(*)
    from (
      select (ended_ms + ?4) / ?5 * ?5 as at_ms,
        max(0, ended_ms + ?4 - asked_ms - after_ms) as waited_ms
      from ask
      where outcome = 'delivered' and call_id is not null and ended_ms between ?2 and ?3
        and (?1 is null or account = ?1))
    group by at_ms, about_ms
    """

  /// Calls for previews by how many tokens they carried, and for how many users; null is everyone.
  static let packing = """
    select json_array_length(lanes) as tokens, audience.size as users, count(*)
    from call join account on account.id = call.account_id
    left join audience on audience.id = audience_id
    where api = 'preview' and started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
    group by tokens, users
    """

  /// The lanes that were in the most calls, at most ?5, and how many lanes there were in all.
  static let busiest = """
    with carried as materialized (
      select lane.value as lane_id, count(*) as calls
      from call join account on account.id = account_id, json_each(call.lanes) as lane
      where started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
      group by lane.value)
    select lane.id, account.name, lane.kind, lane.name, carried.calls, (select count(*) from carried)
    from carried join lane on lane.id = lane_id join account on account.id = lane.account_id
    order by carried.calls desc, lane.id limit ?5
    """

  /// What the lanes in ?5 show: one key of each, if their sightings name any.
  static let keysOfLanes = """
    select lane.id, min(known_key.name)
    from lane join account on account.id = lane.account_id
    join known_token on known_token.account = account.name and known_token.name = lane.name
    join tag on tag.token_id = known_token.id
    join known_key on known_key.id = tag.key_id
    where lane.kind = 'preview' and lane.id in (select value from json_each(?5))
    group by lane.id
    """

  /// The calls of the lanes in ?5. Of several in the same ?6 ms there is one row, with the outcome of the worst.
  static let ticks = """
    select lane.value as lane_id, min(started_ms) + ?4, max(ended_ms) + ?4,
      max(case
        when outcome = 'delivered' then 0
        when outcome is null then 1
        when outcome in ('limited', 'quota') then 2
        when outcome in ('refused', 'token refused', 'parked') then 4
        else 3
      end), outcome
    from call, json_each(call.lanes) as lane
    where started_ms between ?2 and ?3 and lane.value in (select value from json_each(?5))
    group by lane_id, (started_ms - ?2) / ?6
    order by lane_id, min(started_ms)
    """

  /// For how long the lanes in ?5 waited for a call, or have waited until now, if it was for at least ?6 ms. An ask by
  /// key waits in the lane of the key.
  static let waited = """
    select lane_id, from_ms, to_ms from (
      select ask.lane_id as lane_id, min(asked_ms + after_ms) as from_ms,
        call.started_ms + ?4 as to_ms
      from ask join call on call.id = ask.call_id
      where ask.ended_ms between ?2 and ?3 and ask.lane_id in (select value from json_each(?5))
      group by ask.lane_id, ask.call_id
      union all
      select id, since_ms + ?4, ?3 + ?4 from lane
      where state = 'waiting' and since_ms is not null and id in (select value from json_each(?5)))
    where to_ms - from_ms >= ?6
    order by lane_id, from_ms
    """
}
