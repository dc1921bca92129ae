-- What people and programs look at, under the names and columns of the SQLite queue.
--
-- A lane has no row here: its holder plans in a file of its own, and the server knows asks, calls, ends, and notes on
-- lanes that are not as new. What these views say of a lane is derived from that, and each says how. Times are the
-- server's, shown in the time zone of the session.

set local search_path = larkspur;

create function shown(moment timestamptz) returns text language sql stable parallel safe as $$
  select to_char(moment, 'YYYY-MM-DD HH24:MI:SS')
$$;

-- The end of a wait is rounded up, so that it is over at the second that is shown.
create function shown_end(moment timestamptz) returns text language sql stable parallel safe as $$
  select to_char(moment + interval '999 milliseconds', 'YYYY-MM-DD HH24:MI:SS')
$$;

create function moment_of(ms bigint) returns timestamptz language sql immutable parallel safe as $$
  select timestamptz 'epoch' + ms * interval '1 millisecond'
$$;

-- `everyone`, `1 person`, `N people`; empty for kinds that have no audience.
create function audience_of(kind text, people bigint) returns text language sql immutable parallel safe as $$
  select case when kind <> 'preview' then '' when people is null then 'everyone' when people = 1 then '1 person'
    else people || ' people' end
$$;

create function ms_of(moment timestamptz) returns bigint language sql immutable parallel safe as $$
  select floor(extract(epoch from moment) * 1000)::bigint
$$;

-- Asks without an end. For the views. Moments are numbers, because they are compared for every open ask: with intervals
-- that takes most of the time.
create view open_ask as
select asked.*, account.id as account_id, account.holder,
  -- If the asker's clock was wrong, asked_ms may be in the future. It then counts as now.
  least(asked.asked_ms, now.ms) + asked.after_ms as earliest_ms,
  least(asked.asked_ms, now.ms) + asked.after_ms > now.ms as is_early,
  coalesce(least(asked.asked_ms, now.ms) + asked.expires_in_ms <= now.ms, false) as is_expired
from (select ms_of(statement_timestamp()) as ms offset 0) as now
cross join asked
left join account on account.name = asked.account
where asked.id >= coalesce(account.open_from, 0)
  and not exists (select from ended where ended.ask_id = asked.id);

-- Calls without an answer: being sent, or left behind by a run that died, until its heir has settled them. A day is
-- more than any call takes, and leaves out the older partitions.
create view under_way as
select call.*
from call
where call.started_at > statement_timestamp() - interval '1 day'
  and not exists (
    select from answer
    where answer.run = call.run and answer.id = call.id and answer.ended_at > statement_timestamp() - interval '1 day');

create view in_flight as
select
  call.run || '-' || call.id as call,
  account.name as account,
  call.api as kind,
  lane.name as lane,
  shown(call.started_at) as started,
  round(extract(epoch from clock_timestamp() - call.started_at)::numeric, 3) as seconds
from under_way as call
join account on account.id = call.account_id
cross join unnest(string_to_array(call.lanes, ' ')) as lane (name)
where call.api <> 'auth';

create view dead as
select
  asked.account,
  asked.kind,
  asked.lane,
  count(*) as asks,
  shown(max(ended.ended_at)) as died,
  (array_agg(ended.reason order by ended.ended_at desc, ended.ask_id desc))[1] as reason,
  max(ended.ask_id) as last_ask
from ended join asked on asked.id = ended.ask_id
where ended.outcome = 'dead'
group by asked.account, asked.kind, asked.lane;

-- Lanes that calls of the last seven days have carried and for which nothing is pending. `calls` counts these.
create view idle as
select
  account.name as account,
  carried.kind,
  carried.lane,
  carried.calls,
  note.body ->> 'result' as result,
  case when answer.outcome = 'delivered' then shown(answer.ended_at) end as last_delivered
from (
  select call.account_id, call.api as kind, lane.name as lane, count(*) as calls,
    (array_agg(call.run order by call.started_at desc, call.id desc))[1] as run,
    (array_agg(call.id order by call.started_at desc, call.id desc))[1] as id
  from call cross join unnest(string_to_array(call.lanes, ' ')) as lane (name)
  where call.api <> 'auth'
  group by call.account_id, call.api, lane.name) as carried
join account on account.id = carried.account_id
left join answer on answer.run = carried.run and answer.id = carried.id
left join note on note.account_id = carried.account_id and note.kind = carried.kind and note.lane_hash = md5(carried.lane)
where answer.run is not null
  and not exists (
    select from open_ask
    where open_ask.account = account.name and open_ask.kind = carried.kind and open_ask.lane = carried.lane);

create view recent_calls as
select
  call.run || '-' || call.id as call,
  account.name as account,
  call.api as api,
  shown(call.started_at) as started,
  answer.took_ms as took_ms,
  coalesce(cardinality(string_to_array(nullif(call.lanes, ''), ' ')), 0) as lanes,
  audience_of(call.api, call.people) as audience,
  coalesce(answer.outcome, 'in flight') as outcome,
  answer.http_status as http,
  answer.code as code,
  answer.message as message,
  answer.log_id as log_id,
  nullif(call.lanes, '') as carried
from (select * from call order by started_at desc, run desc, id desc limit 1000) as call
join account on account.id = call.account_id
left join answer on answer.run = call.run and answer.id = call.id
order by call.started_at desc, call.run desc, call.id desc;

-- Quotas are counted by the month in China, which this counts from January 1970 on.
create function quota_month() returns integer language sql stable parallel safe as $$
  select (extract(year from statement_timestamp() at time zone 'Asia/Shanghai')::integer - 1970) * 12
    + extract(month from statement_timestamp() at time zone 'Asia/Shanghai')::integer - 1
$$;

-- Of what holders write down: pauses at once, the month's count about once a second.
create view budgets as
select account, api, last_second, last_minute, this_month, state, paused_until, why, quota,
  this_month + floor(recent * greatest(0, extract(epoch from month_ends - statement_timestamp()))
    / least(604800, greatest(3600, extract(epoch from statement_timestamp() - coalesce(first_call, statement_timestamp())))))::bigint
    as projected
from (
  select
    account.name as account,
    budget.api as api,
    (select count(*) from call where call.account_id = budget.account_id and call.api = budget.api
      and call.started_at > statement_timestamp() - interval '1 second') as last_second,
    (select count(*) from call where call.account_id = budget.account_id and call.api = budget.api
      and call.started_at > statement_timestamp() - interval '1 minute') as last_minute,
    case when budget.month = quota_month() then budget.month_calls else 0 end as this_month,
    case
      when account.parked is not null then 'parked: ' || account.parked
      when budget.paused_until > statement_timestamp() then 'paused'
      else 'open'
    end as state,
    case when account.parked is null and budget.paused_until > statement_timestamp()
      then shown_end(budget.paused_until) else '' end as paused_until,
    coalesce(account.parked_why,
      case when budget.paused_until > statement_timestamp() then budget.paused_why end, '') as why,
    case when (select has_quota from kind where kind.name = budget.api) = 1
      then (account.limits ->> 'monthly_quota')::bigint end as quota,
    (date_trunc('month', statement_timestamp() at time zone 'Asia/Shanghai') + interval '1 month')
      at time zone 'Asia/Shanghai' as month_ends,
    recent.calls as recent,
    recent.first_call
  from budget
  join account on account.id = budget.account_id
  cross join lateral (
    select count(*) as calls, min(call.started_at) as first_call from call
    where call.account_id = budget.account_id and call.api = budget.api
      and call.started_at > statement_timestamp() - interval '7 days') as recent) as channel;

create view spans as
select what, account, api, reason, shown(began_at) as began, shown(ended_at) as ended,
  round(extract(epoch from coalesce(ended_at, clock_timestamp()) - began_at)::numeric, 3) as seconds, why
from (
  select 'run' as what, null::text as account, null::text as api, ended_how as reason, started_at as began_at,
    gone_at as ended_at, name as why
  from run
  union all
  select span.what, account.name, span.api, span.reason, span.began_at, span.ended_at, span.why
  from span join account on account.id = span.account_id) as span
order by began_at desc;

-- Who works the queue. A worker looks several times a second, and each two seconds while there is nothing to do; one
-- that has not been seen for longer is about to be declared gone. Only here: a queue in a file has one worker.
create view workers as
select run.id as run, run.name as worker,
  (select count(*) from account where account.holder = run.id) as accounts,
  shown(run.started_at) as since,
  shown(run.seen_at) as seen,
  round(extract(epoch from greatest(interval '0', clock_timestamp() - run.seen_at))::numeric, 3) as seconds
from run
where not run.gone
order by run.id;

-- Who works which account, and how it is doing. Every call needs an access token, so a pause of `auth` is one of the
-- whole account. Only here, too.
create view accounts as
select account.name as account, run.name as worker,
  case
    when account.configured = 0 then 'unconfigured'
    when account.parked is not null then 'parked'
    when spent.paused_until is not null then 'paused'
    else 'open'
  end as state,
  case when account.parked is null then shown_end(spent.paused_until) end as paused_until,
  case when account.parked is null then spent.paused_calls end as paused_calls,
  account.parked as trouble,
  case when account.parked is not null then account.parked_why else spent.paused_why end as why,
  (select count(*) from kind join call on call.account_id = account.id and call.api = kind.name
    and call.started_at > statement_timestamp() - interval '1 minute') as last_minute,
  coalesce(spent.this_month, 0) as this_month,
  account.limits ->> 'app' as app
from account
left join run on run.id = account.holder
left join (
  select account_id,
    max(paused_until) filter (where paused_until > statement_timestamp()) as paused_until,
    (array_agg(paused_why order by paused_until desc) filter (where paused_until > statement_timestamp()))[1]
      as paused_why,
    string_agg(api, ', ' order by api) filter (where paused_until > statement_timestamp()) as paused_calls,
    sum(case when month = quota_month() then month_calls else 0 end)::bigint as this_month
  from budget group by account_id) as spent on spent.account_id = account.id
union all
-- Of which something is asked for, and which no worker has ever held.
select distinct open_ask.account, null, 'unconfigured', null, null, null, null, 0::bigint, 0::bigint, null
from open_ask where open_ask.account_id is null
order by 1;

-- What `larkspur enqueue --wait` tells of an account. A program that only asks can read no more of it, so these run with
-- their owner's rights. No row if nothing keeps its calls of this kind from going.
create function standing(name text, kind text, urgent integer)
returns table (
  parked_why text, paused_ms bigint, paused_why text, failures integer, probes integer, is_spent boolean,
  is_for_others boolean)
language sql stable security definer set search_path = larkspur, pg_temp as $$
  select account.parked_why, ms_until(pause.ends)::bigint, pause.why, coalesce(pause.failures, 0), pause.probes,
    coalesce(pause.is_spent, false), coalesce(pause.is_for_others, false)
  from account
  left join lateral (
    select paused_until as ends, paused_why as why, (memory ->> 'failures')::integer as failures,
      (memory ->> 'probes')::integer as probes, memory ->> 'spent_month' is not null as is_spent,
      false as is_for_others
    from budget
    where account_id = account.id and api in (standing.kind, 'auth') and paused_until > statement_timestamp()
    union all
    select (opening ->> 'reserve')::timestamptz, 'the rest of the month''s calls is kept for urgent asks', null, null,
      false, true
    from budget
    where account_id = account.id and api = standing.kind and urgent = 0
      and (opening ->> 'reserve')::timestamptz > statement_timestamp()
    order by is_for_others, probes desc nulls last
    limit 1) as pause on true
  where account.name = standing.name and (account.parked is not null or pause.ends is not null)
$$;

-- Those of these asks whose lane is in a call that has no answer yet.
create function in_flight_of(asks bigint[]) returns setof bigint
language sql stable security definer set search_path = larkspur, pg_temp as $$
  select asked.id
  from asked join account on account.name = asked.account
  join under_way as call on call.account_id = account.id and call.api = asked.kind
    and asked.lane = any(string_to_array(call.lanes, ' '))
  where asked.id = any(asks)
$$;

-- Whether workers have held accounts, and none has ever had this one in its configuration.
create function is_unconfigured(name text) returns boolean
language sql stable security definer set search_path = larkspur, pg_temp as $$
  select exists (select from account where configured = 1)
    and not exists (select from account where account.name = is_unconfigured.name and configured = 1)
$$;

create function has_worker() returns boolean
language sql stable security definer set search_path = larkspur, pg_temp as $$
  select exists (select from run where not gone)
$$;

-- What a person who looks ahead needs of these accounts, or of all: null. As an heir would take them over, and with what
-- is to be told of one lane. Times are how long ago something was, or how long it still lasts, for the reader's clock is
-- another.
create function outlook(names text[], lane text) returns json
language sql stable security definer set search_path = larkspur, pg_temp as $$
  with moment as (
    select statement_timestamp() as now, ms_of(statement_timestamp()) as now_ms
  ), chosen as (
    select * from account where names is null or name = any(names)
  ), open as (
    select open_ask.*, remaining.still_wanted
    from open_ask
    left join (select distinct on (ask_id) ask_id, still_wanted from remainder order by ask_id, xact desc) as remaining
      on remaining.ask_id = open_ask.id
    where names is null or open_ask.account = any(names)
  ), last_call as (
    select distinct on (call.account_id, call.api) call.run, call.id
    from call join chosen on chosen.id = call.account_id
    where outlook.lane = any(string_to_array(call.lanes, ' '))
    order by call.account_id, call.api, call.started_at desc
  )
  select json_build_object(
    'accounts', (
      select coalesce(json_agg(json_build_object(
        'account', name, 'configured', configured, 'limits', limits,
        -- An access token lasts two hours, and its holder keeps it.
        'has_token', exists (
          select from call join answer on answer.run = call.run and answer.id = call.id
          where call.account_id = chosen.id and call.api = 'auth' and call.run = chosen.holder
            and answer.outcome = 'delivered' and call.started_at > statement_timestamp() - interval '110 minutes')
        ) order by id), '[]') from chosen),
    'remembered', remembered(array(select name from chosen)),
    'asks', (
      select coalesce(json_agg(json_build_object(
        'id', id, 'account', account, 'kind', kind, 'lane', open.lane, 'after_ms', after_ms,
        'expires_in_ms', expires_in_ms, 'urgent', urgent, 'ago_ms', greatest(now_ms - asked_ms, 0),
        'body', case when still_wanted is null then body
          else jsonb_set(body::jsonb, '{open_ids}', still_wanted::jsonb)::text end) order by id), '[]')
      from open, moment),
    -- Limits count the calls of a minute.
    'calls', (
      select coalesce(json_agg(json_build_object(
        'run', call.run, 'number', call.id, 'account', chosen.name, 'api', call.api, 'lanes', call.lanes,
        'urgent', call.urgent, 'is_under_way', answer.id is null and chosen.holder = call.run,
        'started_ago_ms', floor(extract(epoch from now - call.started_at) * 1000)::bigint,
        'ended_ago_ms', floor(extract(epoch from now - answer.ended_at) * 1000)::bigint,
        'outcome', answer.outcome, 'http_status', answer.http_status, 'code', answer.code,
        'message', answer.message, 'log_id', answer.log_id) order by call.started_at), '[]')
      from moment, call join chosen on chosen.id = call.account_id
      left join answer on answer.run = call.run and answer.id = call.id
      where call.started_at > statement_timestamp() - interval '130 seconds'
        or (call.run, call.id) in (select run, id from last_call)),
    'ended', (
      select coalesce(json_agg(json_build_object(
        'id', id, 'account', account, 'kind', kind, 'body', body, 'outcome', outcome, 'reason', reason,
        'ago_ms', greatest(now_ms - asked_ms, 0),
        'ended_ago_ms', floor(extract(epoch from now - ended_at) * 1000)::bigint) order by id), '[]')
      from moment, (
        select asked.*, ended.outcome, ended.reason, ended.ended_at
        from asked join ended on ended.ask_id = asked.id
        where asked.lane = outlook.lane and (names is null or asked.account = any(names))
        order by ended.outcome = 'dead' desc, ended.ended_at desc limit 1000) as asked),
    'registered', registered((
      select coalesce(json_agg(wanted), '[]') from (
        select distinct account, kind, open.lane as name from open where kind in ('key', 'url')
        union select known_key.account, 'key', known_key.name
        from known_key where known_key.name = outlook.lane and (names is null or known_key.account = any(names))
      ) as wanted)))
$$;

-- How many calls accounts have made in the last seven days of those that a quota counts, and how long ago the first was.
create function paces(names text[]) returns table (account text, calls bigint, first_ago_ms bigint)
language sql stable security definer set search_path = larkspur, pg_temp as $$
  select account.name, count(*),
    floor(extract(epoch from statement_timestamp() - min(call.started_at)) * 1000)::bigint
  from account cross join kind
  join call on call.account_id = account.id and call.api = kind.name
  where kind.has_quota = 1 and call.started_at > statement_timestamp() - interval '7 days'
    and (names is null or account.name = any(names))
  group by account.name
$$;

create view latency as
select account, kind,
  shown(to_timestamp(hours * 3600)) as hour,
  max(asks) as asks,
  max(case when place = (asks * 50 + 99) / 100 then waited_ms end) / 1000.0 as median,
  max(case when place = (asks * 95 + 99) / 100 then waited_ms end) / 1000.0 as p95,
  max(case when place = (asks * 99 + 99) / 100 then waited_ms end) / 1000.0 as p99,
  max(waited_ms) / 1000.0 as worst
from (
  select account, kind, hours, waited_ms,
    count(*) over (partition by account, kind, hours) as asks,
    row_number() over (partition by account, kind, hours order by waited_ms) as place
  from (
    select asked.account, asked.kind, floor(extract(epoch from ended.ended_at) / 3600)::bigint as hours,
      greatest(0, floor(extract(epoch from ended.ended_at) * 1000)::bigint - asked.asked_ms - asked.after_ms) as waited_ms
    from ended join asked on asked.id = ended.ask_id
    where ended.outcome = 'delivered' and ended.call_id is not null) as waited) as placed
group by account, kind, hours
order by hours desc, account, kind;

-- Lanes for which something is pending. A view cannot see into a holder's file, so:
-- - `in flight`: a call that carries the lane has no answer yet.
-- - `new`: no run holds the account. `delayed`, `expired`: by the times of the ask.
-- - `parked`, `paused`: what the holder has written down of the account and the channel.
-- - `waiting`: a note says until when (backoff, isolation), the last call of a token is less than 5 s old (slot), the
--   rest of a quota is reserved, or the account is not configured. Keys and URLs always wait for their previews.
-- - `ready`: all else, also a lane whose turn has not come yet; the order of lanes is the holder's (no `order` in
--   `because`), and so is the room in the budget of this second, except as it was written down last.
create view open_lane as
with channel as materialized (
  select account_id, api, paused_for, urgent,
    case when paused_until > statement_timestamp() then paused_why end as paused_why,
    greatest(paused_until, (opening ->> 'credentials')::timestamptz) as paused_until,
    case when urgent = 0 then (opening ->> 'reserve')::timestamptz end as reserved,
    (select max(coalesce(value::timestamptz, 'infinity')) from jsonb_each_text(opening)
      where not (urgent = 1 and key = 'reserve')) as opens,
    (select string_agg(key, ', ' order by coalesce(value::timestamptz, 'infinity') desc, key) from jsonb_each_text(opening)
      where (value is null or value::timestamptz > statement_timestamp()) and not (urgent = 1 and key = 'reserve'))
      as because
  from budget cross join (values (0), (1)) as urgency (urgent)
), flying as materialized (
  select distinct call.account_id, call.api as kind, lane.name as lane
  from under_way as call cross join unnest(string_to_array(call.lanes, ' ')) as lane (name)
), recent as materialized (
  select call.account_id, lane.name as lane, max(call.started_at) + interval '5 seconds' as slot
  from call cross join unnest(string_to_array(call.lanes, ' ')) as lane (name)
  where call.api = 'preview' and call.started_at > statement_timestamp() - interval '5 seconds'
  group by call.account_id, lane.name
), pending as (
  select account, kind, lane, stage, count(*) as asks, min(asked_ms) as asked_ms, moment_of(min(earliest_ms)) as earliest,
    max(urgent) as urgent, array_agg(id) as ids
  from (
    select id, account, kind, lane, asked_ms, earliest_ms, urgent,
      case
        when is_expired then 'expired'
        when is_early then 'delayed'
        else 'open'
      end as stage
    from open_ask) as staged
  group by account, kind, lane, stage
), lane as (
  select pending.*, account.id as account_id, account.holder, account.configured, account.parked, account.parked_why,
    app.name as app, app.parked as app_parked, note.body as note, channel.paused_for, channel.paused_why,
    channel.because as channel_because, channel.opens, flying.lane is not null as is_flying, recent.slot,
    channel.paused_until, coalesce(channel.paused_until > statement_timestamp(), false) as is_paused,
    coalesce(channel.reserved > statement_timestamp(), false) as is_reserved,
    -- No worker has ever held the account, and workers have held others.
    account.id is null and exists (select from account where configured = 1) as is_unknown,
    greatest((note.body ->> 'ready_at')::timestamptz, recent.slot) as ready_at,
    greatest((note.body ->> 'ready_at')::timestamptz, recent.slot, channel.paused_until, channel.opens) as next_at
  from pending
  left join account on account.name = pending.account
  left join account as app on app.name = account.limits ->> 'app'
  left join note on note.account_id = account.id and note.kind = pending.kind and note.lane_hash = md5(pending.lane)
  left join channel on channel.account_id = account.id and channel.api = pending.kind and channel.urgent = pending.urgent
  left join flying on flying.account_id = account.id and flying.kind = pending.kind and flying.lane = pending.lane
  left join recent on recent.account_id = account.id and pending.kind = 'preview' and recent.lane = pending.lane
)
select *, case
  when stage <> 'open' then stage
  when is_flying then 'in flight'
  when holder is null then 'new'
  when kind in ('key', 'url') then 'waiting'
  when parked is not null then 'parked'
  when is_paused then 'paused'
  when configured = 0 or ready_at > statement_timestamp() or is_reserved then 'waiting'
  else 'ready'
end as state,
  -- Since when it could have gone; null while that depends on answers.
  nullif(greatest(ready_at, earliest, paused_until, opens), 'infinity') as due_at
from lane;

create view queue as
select
  account,
  kind,
  lane,
  state,
  -- Of the lanes that are shown in the end, not of all: it reads the bodies.
  case when kind = 'preview' then (
    -- Not field(), which is right about what nobody writes, and slow.
    select audience_of('preview', case when not bool_or(body::json -> 'everyone' is not null) then count(distinct person) end)
    from asked
    left join lateral (
      select still_wanted from remainder where ask_id = asked.id order by xact desc limit 1) as remaining on true
    left join lateral json_array_elements_text(
      coalesce(remaining.still_wanted, body::json ->> 'open_ids', '[]')::json) as people (person) on true
    where asked.id = any(ids)) else '' end as audience,
  asks,
  shown(moment_of(asked_ms)) as since,
  case
    when state = 'expired' then 'never'
    when state = 'delayed' then shown_end(earliest)
    when state = 'in flight' then 'answer awaited'
    when configured = 0 or is_unknown then 'once the account is configured'
    when state = 'new' then 'now'
    when kind in ('key', 'url') then 'with the last of its previews'
      || coalesce(': ' || (note ->> 'left') || ' left', '')
    when parked is not null then 'after: larkspur resume ' || account
    -- A tenant waits for its store app.
    when is_paused and paused_for = 'credentials' and app_parked is not null then 'after: larkspur resume ' || app
    when is_paused and paused_for = 'credentials' and app is not null then 'once app ' || app || ' can sign in'
    when opens = 'infinity' then 'answer awaited'
    when next_at > statement_timestamp() then shown_end(next_at)
    else 'now'
  end as next,
  coalesce((note ->> 'attempts')::integer, 0) as attempts,
  case when state in ('expired', 'delayed', 'new') then '' else coalesce(note ->> 'error', parked_why, paused_why, '') end
    as last_error,
  note ->> 'result' as result,
  case
    when state = 'expired' then ''
    when state = 'delayed' then 'delay'
    when state = 'in flight' then 'in_flight'
    when state = 'new' then case when configured = 0 or is_unknown then 'unconfigured' else '' end
    when kind in ('key', 'url') then 'previews'
    else concat_ws(', ',
      case when configured = 0 then 'unconfigured' end,
      case when parked is not null then 'parked' end,
      channel_because,
      case when is_paused and coalesce(channel_because, '') !~ '(paused|quota|credentials)' then paused_for end,
      case when ready_at > statement_timestamp()
        then case when slot >= ready_at then 'slot' else coalesce(note ->> 'waits_for', 'slot') end end)
  end as because,
  urgent
from open_lane;

create view ready as
select account, kind, lane, audience, asks, since, last_error from queue where state in ('ready', 'new');

create view stats as
-- Of accounts that nobody holds: asks that no worker has looked at.
select 'asks not folded yet' as figure,
  (select count(*) from open_ask where holder is null) as value
union all select 'asks held back',
  (select count(*) from open_ask where holder is not null and is_early)
union all select 'lanes ready or waiting',
  (select count(*) from (
    select distinct account_id, kind, lane from open_ask where holder is not null and not is_early
    except
    select account.id, in_flight.kind, lane from in_flight join account on account.name = in_flight.account) as lanes)
union all select 'lanes in flight', (select count(*) from in_flight)
union all select 'lanes dead', (select count(*) from dead)
union all select 'asks ' || outcomes.value, (select count(*) from ended where ended.outcome = outcomes.value)
  from (values ('delivered'), ('dead'), ('expired'), ('cancelled')) as outcomes (value)
union all select 'calls', (select count(*) from call where api <> 'auth')
union all select 'calls not delivered',
  (select count(*) from answer join call on call.run = answer.run and call.id = answer.id
    where call.api <> 'auth' and answer.outcome <> 'delivered')
union all select 'previews known', (select count(*) from known_token)
union all select 'keys known', (select count(*) from known_key)
union all select 'previews dropped', (select coalesce(sum(dropped), 0)::bigint from known_key)
union all select 'previews refused', (select value from tally where figure = 'previews refused');

create view previews as
select
  known_token.account,
  known_token.name as token,
  (select string_agg(known_key.name, ' ' order by known_key.name) from tag join known_key on known_key.id = tag.key_id
    where tag.token_id = known_token.id) as keys,
  known_token.url,
  known_token.chat,
  viewers.count as viewers,
  case
    when viewers.count = 0 or viewers.count > coalesce((account.limits ->> 'viewers_most')::bigint, 100) then 'everyone'
    when viewers.count = 1 then '1 person'
    else viewers.count || ' people'
  end as audience,
  (date '1970-01-01' + known_token.seen_day)::text as seen
from known_token
left join account on account.name = known_token.account
cross join lateral (select count(*) from viewer where token_id = known_token.id) as viewers;

create view keys as
select
  known_key.account,
  known_key.name as key,
  (select count(*) from tag where key_id = known_key.id) as previews,
  (select count(distinct open_id) from tag join viewer on viewer.token_id = tag.token_id where key_id = known_key.id)
    as viewers,
  (select (date '1970-01-01' + max(seen_day))::text from tag where key_id = known_key.id) as seen,
  known_key.asks,
  known_key.dropped
from known_key;

insert into schema_version (version, works_with) values (5, 5);
