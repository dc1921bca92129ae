-- Whose turn it is. Urgent lanes go before others that are due. The previews of one key go one call at a time, as far
-- apart as if they had half of the budget, so that a key with many of them does not hold up everything else.

-- The ask goes before others that are due.
alter table ask add column urgent integer not null default 0 check (urgent in (0, 1));
-- Of a part of an ask by key: when its turn would come if the key had half of the budget. Zero for other asks.
alter table ask add column spread_ms integer not null default 0;

-- Of a part: who waits for it, asks for everyone (1), for the viewers (2) or both (3). Zero for other asks.
alter table ask add column part_for integer not null default 0;
-- Parts that were made before may be for any.
update ask set part_for = 3 where part_of is not null;

-- Whether any of its open asks is urgent.
alter table lane add column urgent integer not null default 0 check (urgent in (0, 1));
-- The earliest of its open asks, so it is zero unless all are parts.
alter table lane add column spread_ms integer not null default 0;

-- Whether an urgent lane opened the call.
alter table call add column urgent integer not null default 0 check (urgent in (0, 1));

create index asks_urgent on ask (lane_id) where urgent = 1 and outcome is null and lane_id is not null;

-- A lane is due from `ready_ms` on. Among due lanes, turns go by the later of the two moments. A lane whose turn is
-- still ahead goes only when no other is due; the indexes `lanes_spread` and `lanes_spread_ready` find these.
drop index lanes_due_longest;
create index lanes_due_longest on lane (account_id, kind, urgent, max(ready_ms, spread_ms))
  where state = 'waiting';
create index lanes_spread on lane (account_id, kind, urgent, max(ready_ms, spread_ms))
  where state = 'waiting' and spread_ms > 0;
create index lanes_spread_ready on lane (account_id, kind, urgent, ready_ms)
  where state = 'waiting' and spread_ms > 0;
drop index lanes_wanting_this_audience;
create index lanes_wanting_this_audience on lane (audience_id, urgent, max(ready_ms, spread_ms))
  where state = 'waiting' and group_id is null;
create index lanes_spread_wanting_this_audience on lane (audience_id, urgent, max(ready_ms, spread_ms))
  where state = 'waiting' and group_id is null and spread_ms > 0;

drop trigger ask_is_well_formed;

create trigger ask_is_well_formed before insert on ask
begin
  select case
    -- Before an insert without an id, SQLite shows -1. REPLACE and upserts need an id, so they are refused.
    when new.id is not -1
      then raise(abort, 'leave the id out: it is given in order')
    -- GLOB stops at a zero byte.
    when new.account glob '*[^A-Za-z0-9_.-]*' or length(new.account) not between 1 and 64
      or instr(cast(new.account as blob), x'00')
      then raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores')
    when new.kind not in (select name from kind)
      then raise(abort, 'kind must be ''preview'', ''card'', ''session'', ''key'' or ''url''')
    when length(cast(new.body as blob)) > (select body_max_bytes from kind where name = new.kind)
      then raise(abort, 'the body is larger than 4,000,000 bytes (5,000,000 for a card); split it over several asks')
    when iif(json_valid(new.body), json_type(new.body) <> 'object', true)
      then raise(abort, 'the body must be a JSON object: {"open_ids":["ou_…"]} or {"everyone":true} for a preview, {"actions":[…]} for a card, {"channel_context":"…","metadata":"…"} for a session, {"everyone":true} or {"viewers":true} for a key or URL')
    when new.after_ms not between 0 and 315360000000
      then raise(abort, 'after_ms must be between 0 and ten years')
    when new.asked_ms not between 0 and 253402300799000
      then raise(abort, 'asked_ms is no moment; leave it out, it is set by default')
    when new.expires_in_ms not between 1 and 315360000000
      then raise(abort, 'expires_in_ms must be more than 0 and at most ten years')
    when new.expires_in_ms <= new.after_ms
      then raise(abort, 'it would expire before it may be sent: expires_in_ms must be larger than after_ms')
    when new.urgent is not 0 and new.urgent is not 1
      then raise(abort, 'urgent must be 0 or 1')
    when new.lane_id is not null or new.audience_id is not null or new.first_call is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null or new.part_of is not null or new.serves_from is not null or new.spread_ms is not 0
      or new.part_for is not 0
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, urgent, after_ms and expires_in_ms')
  end;
end;

drop trigger ask_stays_as_asked;

-- The worker reads these columns once. `rowid` and its other names are the id. A library that writes every column
-- back with its old value is let through.
create trigger ask_stays_as_asked
before update of id, rowid, oid, _rowid_, account, kind, lane, body, urgent, after_ms, expires_in_ms, asked_ms
on ask
when new.id is not old.id or new.account is not old.account or new.kind is not old.kind
  or new.lane is not old.lane or new.body is not old.body or new.urgent is not old.urgent
  or new.after_ms is not old.after_ms or new.expires_in_ms is not old.expires_in_ms
  or new.asked_ms is not old.asked_ms
begin
  select raise(abort, 'an ask cannot be changed: delete it, which cancels it, and insert another one');
end;

drop trigger lane_changed_is_looked_at;

-- A changed lane is checked before its next call, so that it wants exactly what its open asks want.
create trigger lane_changed_is_looked_at
after update of account_id, kind, name, state, audience_id, many_calls, follow_id, ready_ms, slot_ms, calls, urgent,
  spread_ms
on lane
when new.state <> 'idle' and new.expires_ms is not 0 and (select guards from worker)
begin
  update lane set expires_ms = 0 where id = new.id;
end;

drop view queue;

-- Every lane that wants something, and every ask that is not in a lane yet. `next` is the earliest moment of its
-- call. `because` names everything it waits for, the deciding reason first. The reason `order` means that other
-- lanes go first, because they are urgent or have been due for longer, so the call may be later than `next`. A key
-- or URL waits for the previews that were seen with it, which are lanes of their own.
create view queue as
-- Computed once, because a few rows serve all lanes.
with channel as materialized (
  select account_id, api,
    iif(paused_ms > now_ms, paused_why, (
      select paused_why from budget as login where login.account_id = budget.account_id and login.api = 'auth')
    ) as paused_why,
    -- A wait for an access token pauses the channel too.
    nullif(max(ifnull(paused_ms, 0), ifnull(opening ->> '$.credentials', 0)), 0) as paused_ms,
    urgent,
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
    when account.configured = 0 or lane.ready_ms > clock.now_ms then 'waiting'
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
