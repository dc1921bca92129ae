-- Makes the kinds a table, lets the worker record when each channel opens, and names columns after what they
-- hold.
--
-- A worker of an older version that is running now ends with an error at its next statement, because the columns
-- have new names. Starting it again starts the new version.

drop view queue;
drop view ready;
drop view in_flight;
drop view idle;
drop view dead;
drop view recent_calls;
drop view budgets;
drop view stats;

drop trigger ask_is_well_formed;
drop trigger ask_deleted_is_cancelled;
drop trigger ask_moved_is_folded_again;
drop trigger ask_ended_is_not_wanted;
drop trigger lane_changed_is_looked_at;
drop trigger lane_idled_leaves_its_asks;
drop trigger lane_deleted_leaves_its_asks;

-- What can be updated. A new kind needs a row here, and triggers that check its lanes and bodies.
create table kind (
  name           text    primary key,
  body_max_bytes integer not null
) strict, without rowid;

insert into kind values ('preview', 4000000), ('card', 5000000), ('session', 4000000);

-- Whether the account is in the worker's configuration, as of its last start or reload. Null if no worker has
-- recorded it yet.
alter table account add column configured integer check (configured in (0, 1));
-- What the account may do: for each kind its limits as [calls, milliseconds], and the account's own quota of
-- calls a month.
alter table account add column limits text check (limits is null or json_valid(limits));

-- The number of the first call of the ask's lane (`lane_id`) that can carry the ask.
alter table ask rename column round to first_call;

-- What has its own pace: a preview token, a card, a session. At most one call carries it at a time.
create table new_lane (
  id             integer primary key autoincrement,
  account_id     integer not null references account,
  kind           text    not null references kind,
  name           text    not null,
  state          text    not null check (state in ('idle', 'waiting', 'in_flight')),
  audience_id    integer references audience,      -- the users it still has to reach
  many_calls     integer not null default 0 check (many_calls in (0, 1)),  -- its audience takes several calls
  follow_id      integer references audience,      -- what was asked for while it is in flight
  since_ms       integer,                          -- when the oldest ask it carries was made
  ready_ms       integer,                          -- when it becomes due; due lanes go in this order
  slot_ms        integer not null default 0,       -- the earliest moment of its next call
  expires_ms     integer,                          -- when its asks must be checked again
  calls          integer not null default 0,       -- how many it has been in
  attempts       integer not null default 0,
  error          text,
  call_id        integer references call,
  -- The search for what was refused: the lanes that go together, and the most users per call.
  group_id       integer,
  people_max     integer check (people_max > 0),
  strikes        integer not null default 0,
  proven         integer not null default 0 check (proven in (0, 1)),
  -- What a card or session remembers of its calls: the highest sequence, or the fields accepted last.
  memory         text    not null default '{}' check (json_type(memory) = 'object'),
  single_through integer not null default 0,       -- asks up to this one go one by one
  result         text    check (result is null or json_valid(result)),  -- what the last answer said
  -- What has gone wrong for it since something of it was last accepted.
  evidence       integer,                          -- what the failures show, see Evidence
  failed_ms      integer,                          -- when its last call failed
  failing_ms     integer,                          -- when the first of the current series failed
  limits         integer not null default 0,       -- calls in a row refused for being too many
  unique (account_id, kind, name),
  check ((state = 'in_flight') = (call_id is not null)),
  check (iif(kind = 'preview', (state = 'idle') = (audience_id is null), audience_id is null)),
  check ((state = 'idle') = (ready_ms is null)),
  check (follow_id is null or state = 'in_flight')
) strict;

insert into new_lane (
  id, account_id, kind, name, state, audience_id, many_calls, follow_id, since_ms, ready_ms, slot_ms, expires_ms,
  calls, attempts, error, call_id, group_id, people_max, strikes, proven, memory, single_through, result,
  evidence, failed_ms, failing_ms, limits)
select
  id, account_id, kind, name, state, audience_id, wide, follow_id, since_ms, ready_ms, slot_ms, expires_ms,
  round, attempts, error, call_id, group_id, people_max, strikes, proven, memory, apart, result,
  evidence, failed_ms, failing_ms, limits
from lane;

-- One HTTP request and its recorded result. Requests for access tokens are here too, with the API `auth`.
create table new_call (
  id           integer primary key autoincrement,
  account_id   integer not null references account,
  api          text    not null,  -- the name of a kind, or auth
  lanes        text    not null default '[]' check (json_valid(lanes)),  -- their ids
  audience_id  integer,
  started_ms   integer not null,
  sent_ms      integer,           -- when its last byte was handed to the network
  ended_ms     integer,
  outcome      text check (outcome in
    ('delivered', 'refused', 'try again', 'unreachable', 'limited', 'quota', 'token refused',
     'parked', 'unknown')),
  http_status  integer,
  code         integer,
  message      text,
  log_id       text,
  sent_bytes   integer,
  answer_bytes integer,
  check ((outcome is null) = (ended_ms is null))
) strict;

insert into new_call select * from call;

-- Ids are never reused, so the counters are copied too.
update sqlite_sequence set seq = max(seq, (select max(seq) from sqlite_sequence where name = 'lane'))
where name = 'new_lane' and exists (select 1 from sqlite_sequence where name = 'lane');
insert into sqlite_sequence (name, seq)
select 'new_lane', seq from sqlite_sequence
where name = 'lane' and not exists (select 1 from sqlite_sequence where name = 'new_lane');
update sqlite_sequence set seq = max(seq, (select max(seq) from sqlite_sequence where name = 'call'))
where name = 'new_call' and exists (select 1 from sqlite_sequence where name = 'call');
insert into sqlite_sequence (name, seq)
select 'new_call', seq from sqlite_sequence
where name = 'call' and not exists (select 1 from sqlite_sequence where name = 'new_call');

-- What is kept between runs about an account's use of one API.
create table new_budget (
  account_id    integer not null references account,
  api           text    not null,              -- the name of a kind, or auth
  paused_ms     integer not null default 0,    -- nothing is sent before this
  paused_why    text,
  -- What the pause waits for: a server that refuses calls, the month's quota, or a secret that cannot be read.
  paused_for    text    not null default 'paused' check (paused_for in ('paused', 'quota', 'credentials')),
  -- Why the next call may not go yet: each reason with the moment it ends, or null if that depends on an answer.
  -- It is as of when the worker last wrote something down.
  opening       text    not null default '{}' check (json_type(opening) = 'object'),
  -- Calls per month. Months are counted from January 1970, Beijing time. Two are kept, because a clock may be set
  -- back.
  month         integer not null default 0,
  month_calls   integer not null default 0,
  month_ends_ms integer not null default 0,
  other_month   integer,
  other_calls   integer,
  other_ends_ms integer,
  spent_month   integer,                       -- the month whose quota is used up, says the server
  -- A 16-bit hash of a refused user access token: enough to notice that it has been replaced, and too little to
  -- learn anything about it.
  refused_mark  integer check (refused_mark between 0 and 65535),
  -- What has failed on the channel since its last success. It is kept so that short runs add up.
  failures      integer not null default 0,    -- calls in a row that failed whatever they carried
  refusals      integer not null default 0,    -- calls refused because of their content
  refused_lane  integer,                       -- the lane all of these carried; null if several
  deaths        integer not null default 0,    -- lanes or parcels that died, or are suspected
  probes        integer,                       -- trial calls that failed; null if none is needed
  suspects      text    not null default '',   -- lanes counted in deaths only on suspicion
  failed_ms     integer not null default 0,    -- when the last of all of these failed
  recovered_ms  integer not null default 0,    -- when the first call after it succeeded
  foreign_ms    integer,                       -- since when the answers have not been Feishu's
  limited_ms    integer,                       -- when a call was last refused for being too many
  primary key (account_id, api)
) strict, without rowid;

insert into new_budget (
  account_id, api, paused_ms, paused_why, paused_for, month, month_calls, month_ends_ms, other_month, other_calls,
  other_ends_ms, spent_month, refused_mark, failures, refusals, refused_lane, deaths, probes, suspects, failed_ms,
  recovered_ms, foreign_ms, limited_ms)
select
  account_id, api, paused_ms, paused_why,
  case
    when paused_why glob 'waiting for a secret: *' then 'credentials'
    when spent_month is not null or paused_why = 'the account''s quota of calls a month is used up' then 'quota'
    else 'paused'
  end,
  month, month_calls, month_ends_ms, other_month, other_calls, other_ends_ms, spent_month, refused_mark, failures,
  refusals, refused_lane, deaths, probes, suspects, failed_ms, recovered_ms, foreign_ms, limited_ms
from budget;

drop table lane;
drop table call;
drop table budget;
alter table new_lane rename to lane;
alter table new_call rename to call;
alter table new_budget rename to budget;

create index lanes_due_longest on lane (account_id, kind, ready_ms) where state = 'waiting';
create index lanes_wanting_this_audience on lane (audience_id, ready_ms)
  where state = 'waiting' and group_id is null;
create index lanes_wanting_a_large_audience on lane (account_id, ready_ms)
  where state = 'waiting' and many_calls = 1 and group_id is null;
create index lanes_of_a_refused_call on lane (group_id, ready_ms) where group_id is not null;
create index lanes_under_suspicion on lane (account_id, kind, ready_ms)
  where group_id is not null and state = 'waiting';
create index lanes_in_flight on lane (call_id) where call_id is not null;
create index lanes_to_look_at on lane (expires_ms) where expires_ms is not null;
create index lanes_waiting_longest on lane (since_ms) where since_ms is not null;
create index calls_of_a_budget on call (account_id, api, started_ms);
create index calls_under_way on call (id) where ended_ms is null;

-- SQLite checks foreign keys only if a program asks for it, and the worker does not.
create trigger lane_is_of_a_kind before insert on lane
when new.kind not in (select name from kind)
begin
  select raise(abort, 'there is no such kind: the table kind lists them');
end;

create trigger lane_stays_of_its_kind before update of kind on lane
when new.kind not in (select name from kind)
begin
  select raise(abort, 'there is no such kind: the table kind lists them');
end;

-- The only checks of an ask, whether it comes from the command line, Swift or SQL.
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
      then raise(abort, 'kind must be ''preview'', ''card'' or ''session''')
    when length(cast(new.body as blob)) > (select body_max_bytes from kind where name = new.kind)
      then raise(abort, 'the body is larger than 4,000,000 bytes (5,000,000 for a card); split it over several asks')
    when iif(json_valid(new.body), json_type(new.body) <> 'object', true)
      then raise(abort, 'the body must be a JSON object: {"open_ids":["ou_…"]} or {"everyone":true} for a preview, {"actions":[…]} for a card, {"channel_context":"…","metadata":"…"} for a session')
    when new.after_ms not between 0 and 315360000000
      then raise(abort, 'after_ms must be between 0 and ten years')
    when new.asked_ms not between 0 and 253402300799000
      then raise(abort, 'asked_ms is no moment; leave it out, it is set by default')
    when new.expires_in_ms not between 1 and 315360000000
      then raise(abort, 'expires_in_ms must be more than 0 and at most ten years')
    when new.expires_in_ms <= new.after_ms
      then raise(abort, 'it would expire before it may be sent: expires_in_ms must be larger than after_ms')
    when new.lane_id is not null or new.audience_id is not null or new.first_call is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, after_ms and expires_in_ms')
  end;
end;

-- Deleting an open ask cancels it, unless a call already carries it. Zero in expires_ms makes the worker
-- check the lane before its next call and drop what no ask wants any more.
create trigger ask_deleted_is_cancelled after delete on ask
when old.outcome is null and old.lane_id is not null
begin
  update lane set expires_ms = 0 where id = old.lane_id and state <> 'idle';
end;

-- A changed lane is checked before its next call, so that it wants exactly what its open asks want.
create trigger lane_changed_is_looked_at
after update of account_id, kind, name, state, audience_id, many_calls, follow_id, ready_ms, slot_ms, calls
on lane
when new.state <> 'idle' and new.expires_ms is not 0 and (select guards from worker)
begin
  update lane set expires_ms = 0 where id = new.id;
end;

-- When a lane becomes idle, is deleted, or gets another id, kind, name or account, its open asks are folded again.
create trigger lane_idled_leaves_its_asks after update of id, state, account_id, kind, name on lane
when (select guards from worker) and (
  (new.state = 'idle' and old.state <> 'idle') or new.account_id is not old.account_id
  or new.kind is not old.kind or new.name is not old.name or new.id <> old.id)
begin
  update ask set lane_id = null, audience_id = null, first_call = null, due_ms = null
  where lane_id in (old.id, new.id) and outcome is null;
end;

create trigger lane_deleted_leaves_its_asks after delete on lane
when (select guards from worker)
begin
  update ask set lane_id = null, audience_id = null, first_call = null, due_ms = null
  where lane_id = old.id and outcome is null;
end;

-- An ask that was taken out of its lane, or put into another one, is folded again.
create trigger ask_moved_is_folded_again
after update of lane_id, audience_id, first_call, outcome on ask
when new.outcome is null and (select guards from worker) and (
  (old.outcome is null and old.lane_id is not null and (new.lane_id is not old.lane_id
    or new.audience_id is not old.audience_id or new.first_call is not old.first_call))
  or (new.lane_id is not null and (old.outcome is not null or old.lane_id is null)))
begin
  update lane set expires_ms = 0 where id = old.lane_id and state <> 'idle';
  update ask set lane_id = null, audience_id = null, first_call = null, due_ms = null where id = new.id;
end;

-- What an ended ask wanted is dropped, unless another ask wants it too.
create trigger ask_ended_is_not_wanted after update of outcome on ask
when old.outcome is null and new.outcome is not null and old.lane_id is not null
  and (select guards from worker)
begin
  update lane set expires_ms = 0 where id = old.lane_id and state <> 'idle' and expires_ms is not 0;
end;

-- Every lane that wants something, and every ask that is not in a lane yet. `next` is the earliest moment of its
-- call. `because` names everything it waits for, the deciding reason first. The reason `order` means that other
-- lanes have been due for longer and go first, so the call may be later than `next`.
create view queue as
-- Computed once, because a few rows serve all lanes.
with channel as materialized (
  select account_id, api, paused_ms, paused_why,
    (select max(ifnull(value, 9e18)) from json_each(opening)) as opens_ms,
    (select group_concat(reason, ', ') from (
      select key as reason from json_each(opening) where value is null or value > now_ms
      order by ifnull(value, 9e18) desc, key)) as because
  from clock cross join budget)
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  case
    when lane.state = 'in_flight' then 'in flight'
    when account.parked is not null then 'parked'
    when channel.paused_ms > clock.now_ms then 'paused'
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
  iif(lane.state = 'in_flight', 'in_flight', substr(
    iif(account.configured = 0, ', unconfigured', '') || iif(account.parked is not null, ', parked', '')
    || case
      when lane.ready_ms <= clock.now_ms then ifnull(', ' || channel.because, '')
        || iif(exists (
          select 1 from lane as other indexed by lanes_due_longest
          where other.account_id = lane.account_id and other.kind = lane.kind and other.state = 'waiting'
            and other.ready_ms < lane.ready_ms), ', order', '')
      when lane.ready_ms <= channel.opens_ms then ', ' || channel.because || ', ' || lane.waits_for
      else ', ' || lane.waits_for || ifnull(', ' || channel.because, '')
    end, 3)) as because
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
  end
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
    -- If the clock was wrong, asked_ms may be in the future. It then counts as now, as it does for the worker.
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
    where due_ms is not null and lane_id is null and outcome is null)) as asked
group by account, kind, lane, state;

create view ready as
select account, kind, lane, audience, asks, since, last_error from queue
where state in ('ready', 'new');

create view in_flight as
select
  call.id as call,
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  datetime((call.started_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as started,
  (clock.now_ms - call.started_ms) / 1000.0 as seconds
from clock
join lane on lane.call_id is not null
join call on call.id = lane.call_id
join account on account.id = lane.account_id;

create view idle as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  lane.calls as calls,
  lane.result as result
from lane
join account on account.id = lane.account_id
where lane.state = 'idle';

-- Every lane with dead asks. They stay until `larkspur retry` or `larkspur cancel`.
create view dead as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  count(*) as asks,
  datetime((max(ask.ended_ms) + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as died,
  ask.reason as reason,
  max(ask.id) as last_ask
from clock
join ask on ask.outcome = 'dead'
join lane on lane.id = ask.lane_id
join account on account.id = lane.account_id
group by lane.id
union all
select
  ask.account,
  ask.kind,
  ask.lane,
  count(*),
  datetime((max(ask.ended_ms) + clock.skew_ms) / 1000, 'unixepoch', 'localtime'),
  ask.reason,
  max(ask.id)
from clock
join ask on ask.outcome = 'dead' and ask.lane_id is null
group by ask.account, ask.kind, ask.lane;

create view recent_calls as
select
  call.id as call,
  account.name as account,
  call.api as api,
  datetime((call.started_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as started,
  call.ended_ms - call.started_ms as took_ms,
  json_array_length(call.lanes) as lanes,
  case
    when call.api <> 'preview' then ''
    when audience.size is null then 'everyone'
    when audience.size = 1 then '1 person'
    else audience.size || ' people'
  end as audience,
  ifnull(call.outcome, 'in flight') as outcome,
  call.http_status as http,
  call.code as code,
  call.message as message,
  call.log_id as log_id,
  (select group_concat(lane.name, ' ')
   from json_each(call.lanes) as carried join lane on lane.id = carried.value) as carried
from (select * from call order by id desc limit 1000) as call
join clock
join account on account.id = call.account_id
left join audience on audience.id = call.audience_id
order by call.id desc;

create view budgets as
select
  account.name as account,
  budget.api as api,
  (select count(*) from call where call.account_id = budget.account_id
    and call.api = budget.api and call.started_ms > clock.now_ms - 1000) as last_second,
  (select count(*) from call where call.account_id = budget.account_id
    and call.api = budget.api and call.started_ms > clock.now_ms - 60000) as last_minute,
  iif(budget.month = (cast(strftime('%Y', 'now', '+8 hours') as integer) - 1970) * 12
      + cast(strftime('%m', 'now', '+8 hours') as integer) - 1, budget.month_calls, 0) as this_month,
  case
    when account.parked is not null then 'parked: ' || account.parked
    when budget.paused_ms > clock.now_ms then 'paused'
    else 'open'
  end as state,
  iif(account.parked is null and budget.paused_ms > clock.now_ms,
    datetime((budget.paused_ms + clock.skew_ms + 999) / 1000, 'unixepoch', 'localtime'), '')
    as paused_until,
  coalesce(account.parked_why, iif(budget.paused_ms > clock.now_ms, budget.paused_why, null), '')
    as why
from clock
join budget
join account on account.id = budget.account_id;

-- The queue in numbers, for as long as the history is kept.
create view stats as
select 'asks not folded yet' as figure,
  (select count(*) from ask where id > (select folded_ask from worker) and outcome is null
    and lane_id is null and due_ms is null) as value
union all select 'asks held back',
  (select count(*) from ask where due_ms is not null and lane_id is null and outcome is null)
union all select 'lanes ready or waiting', (select count(*) from lane where state = 'waiting')
union all select 'lanes in flight', (select count(*) from lane where call_id is not null)
union all select 'lanes dead', (select count(distinct lane_id) from ask where outcome = 'dead')
union all select 'asks ' || outcomes.value,
  (select count(*) from ask where ask.outcome = outcomes.value)
  from json_each('["delivered", "dead", "expired", "cancelled"]') as outcomes
union all select 'calls', (select count(*) from call where api <> 'auth')
union all select 'calls not delivered',
  (select count(*) from call where api <> 'auth' and outcome <> 'delivered');
