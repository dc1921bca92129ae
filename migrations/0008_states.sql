-- The view `queue` says of each ask that is in no lane yet what it is, by its own time and not by that of
-- the others for its lane: `delayed` until its `after_ms` has passed, whether a worker has looked at it or
-- not, then `new`; `expired` once its `expires_in_ms` has. Asks that differ in this stand in rows of their
-- own.
drop view queue;

create view queue as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  case
    when lane.state = 'in_flight' then 'in flight'
    when account.parked is not null then 'parked'
    when budget.paused_ms > clock.now_ms then 'paused'
    when lane.ready_ms > clock.now_ms then 'waiting'
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
    when account.parked is not null then 'after: larkspur resume ' || account.name
    when max(lane.ready_ms, ifnull(budget.paused_ms, 0)) <= clock.now_ms then 'now'
    else datetime(
      (max(lane.ready_ms, ifnull(budget.paused_ms, 0)) + clock.skew_ms + 999) / 1000,
      'unixepoch', 'localtime')
  end as next,
  lane.attempts as attempts,
  coalesce(lane.error, account.parked_why,
    iif(budget.paused_ms > clock.now_ms, budget.paused_why, null), '') as last_error,
  lane.result as result
from clock
join lane
join account on account.id = lane.account_id
left join audience on audience.id = lane.audience_id
left join budget on budget.account_id = lane.account_id and budget.api = lane.kind
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
  case state
    when 'expired' then 'never'
    when 'delayed'
      then datetime((min(earliest_ms) + skew_ms + 999) / 1000, 'unixepoch', 'localtime')
    else 'now'
  end,
  0,
  '',
  null
from (
  select account, kind, lane, asked_ms, earliest_ms, skew_ms,
    json_type(audience, '$.everyone') is not null as names_everyone,
    json_array_length(audience, '$.open_ids') as people,
    case
      when latest_ms <= now_ms then 'expired'
      when earliest_ms > now_ms then 'delayed'
      else 'new'
    end as state
  from (
    -- A moment in the future, by a clock that was wrong, counts as now, as it does for the worker.
    select account, kind, lane, iif(kind = 'preview' and json_valid(body), body, '{}') as audience,
      asked_ms, min(asked_ms - skew_ms, now_ms) + after_ms as earliest_ms,
      min(asked_ms - skew_ms, now_ms) + expires_in_ms as latest_ms, now_ms, skew_ms
    from clock cross join ask
    where id > (select folded_ask from worker) and outcome is null and lane_id is null
      and due_ms is null
    union all
    select account, kind, lane, iif(kind = 'preview' and json_valid(body), body, '{}'),
      asked_ms, due_ms, expires_ms, now_ms, skew_ms
    from clock cross join ask
    where due_ms is not null and lane_id is null and outcome is null))
group by account, kind, lane, state;
