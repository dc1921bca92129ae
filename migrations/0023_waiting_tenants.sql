-- The lanes of a store app's tenant say whom they wait for.

-- When Feishu was last asked to push a store app's ticket again. Runs that follow each other do not ask more often.
alter table account add column ticket_asked_ms integer;

drop view queue;

-- Every lane that wants something, and every ask that is not in a lane yet. `next` is the earliest moment of its
-- call. `because` names everything it waits for, the deciding reason first. The reason `order` means that other
-- lanes go first, because they are urgent or have been due for longer, so the call may be later than `next`. A key
-- or URL waits for the previews that were seen with it, which are lanes of their own.
create view queue as
-- Computed once, because a few rows serve all lanes.
with channel as materialized (
  select account_id, api, paused_for,
    iif(paused_ms > now_ms, paused_why, (
      select paused_why from budget as login where login.account_id = budget.account_id and login.api = 'auth')
    ) as paused_why,
    -- A wait for an access token pauses the channel too.
    nullif(max(ifnull(paused_ms, 0), ifnull(opening ->> '$.credentials', 0)), 0) as paused_ms,
    urgent,
    iif(urgent, null, opening ->> '$.reserve') as reserved_ms,
    (select max(ifnull(value, 9e18)) from json_each(opening) where not (urgent and key = 'reserve')) as opens_ms,
    (select group_concat(reason, ', ') from (
      select key as reason from json_each(opening)
      where (value is null or value > now_ms) and not (urgent and key = 'reserve')
      order by ifnull(value, 9e18) desc, key)) as because
  from clock cross join budget cross join (select 0 as urgent union all select 1))
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  case
    when lane.state = 'in_flight' then 'in flight'
    when lane.kind in ('key', 'url') then 'waiting'
    when account.parked is not null then 'parked'
    when channel.paused_ms > clock.now_ms then 'paused'
    when account.configured = 0 or lane.ready_ms > clock.now_ms or channel.reserved_ms > clock.now_ms then 'waiting'
    else 'ready'
  end as state,
  case
    when lane.kind <> 'preview' then ''
    when audience.size is null then 'everyone'
    when audience.size = 1 then '1 person'
    else audience.size || ' people'
  end as audience,
  (select count(*) from ask where ask.lane_id = lane.id and ask.outcome is null) as asks,
  datetime((lane.since_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as since,
  case
    when lane.state = 'in_flight' then 'answer awaited'
    when lane.kind in ('key', 'url') then (
      select 'with the last of its previews: ' || count(*) || ' left' from ask as part indexed by parts_of_a_key
      where part.part_of = lane.id and part.outcome is null)
    when account.configured = 0 then 'once the account is configured'
    when account.parked is not null then 'after: larkspur resume ' || account.name
    -- A tenant waits for its store app.
    when channel.paused_for = 'credentials' and channel.paused_ms > clock.now_ms and app.parked is not null
      then 'after: larkspur resume ' || app.name
    when channel.paused_for = 'credentials' and channel.paused_ms > clock.now_ms and app.name is not null
      then 'once app ' || app.name || ' can sign in'
    when channel.opens_ms = 9e18 then 'answer awaited'
    when max(lane.ready_ms, ifnull(channel.paused_ms, 0), ifnull(channel.opens_ms, 0)) <= clock.now_ms then 'now'
    else datetime(
      (max(lane.ready_ms, ifnull(channel.paused_ms, 0), ifnull(channel.opens_ms, 0)) + clock.skew_ms + 999) / 1000,
      'unixepoch', 'localtime')
  end as next,
  lane.attempts as attempts,
  coalesce(lane.error, account.parked_why,
    iif(channel.paused_ms > clock.now_ms, channel.paused_why, null), '') as last_error,
  lane.result as result,
  iif(lane.kind in ('key', 'url'), 'previews', iif(lane.state = 'in_flight', 'in_flight', substr(
    iif(account.configured = 0, ', unconfigured', '') || iif(account.parked is not null, ', parked', '')
    || case
      when lane.ready_ms <= clock.now_ms then ifnull(', ' || channel.because, '')
        || iif(
          lane.urgent = 0 and exists (
            select 1 from lane as other indexed by lanes_due_longest
            where other.account_id = lane.account_id and other.kind = lane.kind and other.state = 'waiting'
              and other.urgent = 1 and other.ready_ms <= clock.now_ms)
          or exists (
            select 1 from lane as other indexed by lanes_due_longest
            where other.account_id = lane.account_id and other.kind = lane.kind and other.state = 'waiting'
              and other.urgent = lane.urgent
              and max(other.ready_ms, other.spread_ms) < max(lane.ready_ms, lane.spread_ms)
              and other.ready_ms <= clock.now_ms), ', order', '')
      when lane.ready_ms <= channel.opens_ms then ', ' || channel.because || ', ' || lane.waits_for
      else ', ' || lane.waits_for || ifnull(', ' || channel.because, '')
    end, 3))) as because,
  lane.urgent as urgent
from clock
join (
  select *,
    case
      when group_id is not null then 'isolation'
      when failed_ms is not null and ready_ms > slot_ms then 'backoff'
      else 'slot'
    end as waits_for
  from lane) as lane
join account on account.id = lane.account_id
left join account as app on app.name = account.limits ->> '$.app'
left join audience on audience.id = lane.audience_id
left join channel on channel.account_id = lane.account_id and channel.api = lane.kind
  and channel.urgent = lane.urgent
where lane.state <> 'idle'
union all
select
  account,
  kind,
  lane,
  state,
  case
    when kind <> 'preview' then ''
    when max(names_everyone) then 'everyone'
    when max(people) = 1 then '1 person'
    else ifnull(max(people) || ' people', '')
  end,
  count(*),
  datetime(min(asked_ms) / 1000, 'unixepoch', 'localtime'),
  case
    when state = 'expired' then 'never'
    when state = 'delayed'
      then datetime((min(earliest_ms) + skew_ms + 999) / 1000, 'unixepoch', 'localtime')
    when (select configured from account as known where known.name = asked.account) = 0
      then 'once the account is configured'
    else 'now'
  end,
  0,
  '',
  null,
  case
    when state = 'delayed' then 'delay'
    when (select configured from account as known where known.name = asked.account) = 0 then 'unconfigured'
    else ''
  end,
  max(urgent)
from (
  select account, kind, lane, urgent, asked_ms, earliest_ms, skew_ms,
    json_type(audience, '$.everyone') is not null as names_everyone,
    json_array_length(audience, '$.open_ids') as people,
    case
      when latest_ms <= now_ms then 'expired'
      when earliest_ms > now_ms then 'delayed'
      else 'new'
    end as state
  from (
    -- If the clock was wrong, asked_ms may be in the future. It then counts as now, as it does for the worker.
    select account, kind, lane, urgent, iif(kind = 'preview' and json_valid(body), body, '{}') as audience,
      asked_ms, min(asked_ms - skew_ms, now_ms) + after_ms as earliest_ms,
      min(asked_ms - skew_ms, now_ms) + expires_in_ms as latest_ms, now_ms, skew_ms
    from clock cross join ask
    where id > (select folded_ask from worker) and outcome is null and lane_id is null
      and due_ms is null
    union all
    select account, kind, lane, urgent, iif(kind = 'preview' and json_valid(body), body, '{}'),
      asked_ms, due_ms, expires_ms, now_ms, skew_ms
    from clock cross join ask
    where due_ms is not null and lane_id is null and outcome is null)) as asked
group by account, kind, lane, state;
