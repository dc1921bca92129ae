-- The queue. Moments end in _ms. In `ask.asked_ms` they are wall-clock milliseconds since 1970; in
-- every column that the worker fills they are on the queue's own clock, which never jumps: wall
-- clock = queue clock + worker.skew_ms. The views translate.

-- One app in one tenant. What it is allowed is configuration; here is only what must outlive a run.
create table account (
  id         integer primary key,
  name       text    not null unique
             check (length(name) between 1 and 64 and name not glob '*[^A-Za-z0-9_.-]*'),
  -- Only a person can mend it: nothing is sent until `larkspur resume`, or one try at probe_ms.
  parked     text    check (parked in ('credentials', 'permission', 'address')),
  parked_why text,
  probe_ms   integer,
  -- Access tokens refused in a row: short runs have to add them up to know when to stop.
  refusals   integer not null default 0,
  check ((parked is null) = (probe_ms is null))
) strict;

insert into account (name) values ('default');

-- One request to update a lane. Anybody may insert; the first five columns, and the three delays,
-- are theirs, the rest is the worker's. Rows are never reused: an id only grows.
create table ask (
  id            integer primary key autoincrement,
  account       text    not null default 'default',
  kind          text    not null default 'preview',
  lane          text    not null,
  body          text    not null,
  after_ms      integer not null default 0,
  expires_in_ms integer,
  asked_ms      integer not null
                default (cast((julianday('now') - 2440587.5) * 86400000 as integer)),

  -- Set when the worker has folded it into its lane.
  lane_id       integer references lane,
  audience_id   integer references audience,  -- whom this ask still has to reach
  round         integer,                      -- the first call of its lane that can carry it
  -- Set when it may not go yet, or not for ever.
  due_ms        integer,
  expires_ms    integer,
  -- The people who were refused while the others were reached, as a JSON list.
  refused       text    check (refused is null or json_valid(refused)),

  outcome       text    check (outcome in ('delivered', 'dead', 'expired', 'cancelled')),
  reason        text,
  ended_ms      integer,
  call_id       integer,                      -- the call that decided it; calls are pruned
  check ((outcome is null) = (ended_ms is null)),
  check (outcome <> 'dead' or reason is not null)
) strict;

create index asks_of_a_lane on ask (lane_id, round) where lane_id is not null and outcome is null;
create index asks_held_back on ask (due_ms)
  where due_ms is not null and lane_id is null and outcome is null;
create index asks_dead on ask (lane_id) where outcome = 'dead';

-- The one set of checks, whoever asks: command line, Swift or SQL.
create trigger ask_is_well_formed before insert on ask
begin
  select case
    when new.account glob '*[^A-Za-z0-9_.-]*' or length(new.account) not between 1 and 64
      then raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores')
    when new.kind <> 'preview'
      then raise(abort, 'kind must be ''preview''')
    when new.lane = ''
      then raise(abort, 'the preview token is empty')
    when length(cast(new.lane as blob)) > 256
      then raise(abort, 'the preview token is longer than 256 characters')
    when new.lane glob '*[^!-~]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'the preview token contains a space, a line break or another character that no token has')
    when length(cast(new.body as blob)) > 4000000
      then raise(abort, 'the body is larger than 4,000,000 bytes; split its open_ids over several asks')
    when iif(json_valid(new.body), json_type(new.body) <> 'object', true)
      then raise(abort, 'the body must be a JSON object: {"open_ids":["ou_…"]} or {"everyone":true}')
    when new.after_ms not between 0 and 315360000000
      then raise(abort, 'after_ms must be between 0 and ten years')
    when new.asked_ms not between 0 and 253402300799000
      then raise(abort, 'asked_ms is no moment; leave it out, it is set by default')
    when new.expires_in_ms not between 1 and 315360000000
      then raise(abort, 'expires_in_ms must be more than 0 and at most ten years')
    when new.expires_in_ms <= new.after_ms
      then raise(abort, 'it would expire before it may be sent: expires_in_ms must be larger than after_ms')
    when new.lane_id is not null or new.audience_id is not null or new.round is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, after_ms and expires_in_ms')
  end;
end;

-- Of its own, because json functions fail with a message of their own on text that is not JSON.
create trigger ask_names_its_audience before insert on ask
when new.kind = 'preview' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (select 1 from json_each(new.body) where key not in ('open_ids', 'everyone'))
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when (select count(*) from json_each(new.body)) = 0
      then raise(abort, 'no audience: say {"open_ids":["ou_…"]} for some people or {"everyone":true} for the whole chat')
    when (select count(*) from json_each(new.body)) > 1
      then raise(abort, 'two audiences: give either open_ids or everyone, once')
    when json_type(new.body, '$.everyone') <> 'true'
      then raise(abort, 'everyone can only be true; to reach some people, give open_ids instead')
    -- A key may be spelt with escapes, which paths do not find.
    when json_type(new.body, '$.everyone') is not 'true' and json_type(new.body, '$.open_ids') is null
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when json_type(new.body, '$.open_ids') <> 'array'
      then raise(abort, 'open_ids must be a list of strings')
    when json_array_length(new.body, '$.open_ids') = 0
      then raise(abort, 'open_ids is empty: nobody would be reached; for the whole chat say {"everyone":true}')
    when exists (select 1 from json_each(new.body, '$.open_ids') where type <> 'text')
      then raise(abort, 'open_ids must be a list of strings')
    when exists (
      select 1 from json_each(new.body, '$.open_ids')
      where value = '' or length(cast(value as blob)) > 64 or value glob '*[^!-~]*' or value glob '*[,;]*')
      -- SQLite reads a string in JSON no further than this.
      or instr(new.body, '\u0000')
      then raise(abort, 'an open_id is empty, longer than 64 characters, or has a character that no open_id has')
  end;
end;

-- A lower id would never be looked at again.
create trigger ask_id_only_grows after insert on ask
when new.id <= (select folded_ask from worker) or new.id > 1000000000000000
begin
  select raise(abort, 'leave the id out: it is given in order');
end;

-- What the worker remembers between runs. One row.
create table worker (
  only_row   integer primary key check (only_row = 1),
  folded_ask integer not null,  -- asks up to this id have been folded or held back
  control    integer not null,  -- grows when a person changes something the worker keeps in memory
  -- The queue's clock: time since boot + offset_ms, on the boot it was set on.
  boot       text,
  offset_ms  integer not null,
  skew_ms    integer not null,  -- wall clock - queue clock, when last looked at
  seen_ms    integer not null,  -- the newest moment that is known to have been
  pruned_ms  integer not null   -- when the history was last gone through for what is too old
) strict;

insert into worker values (1, 0, 0, null, 0, 0, 0, 0);

-- Sets of people, each stored once, so that lanes that want the same one lie together.
create table audience (
  id         integer primary key,
  account_id integer not null references account,
  hash       integer not null,
  size       integer check (size > 0),  -- null: everyone
  members    text,                      -- JSON, sorted, without repeats
  used_ms    integer not null,
  check ((size is null) = (members is null))
) strict;

create index audiences_like_this_one on audience (account_id, hash);
create unique index one_everyone_per_account on audience (account_id) where size is null;

-- People whom Feishu refused while it accepted others with the same token. For a day, nobody asks for
-- them again; `larkspur retry` forgets them at once.
create table refused_person (
  account_id integer not null references account,
  open_id    text    not null,
  reason     text    not null,
  since_ms   integer not null,
  primary key (account_id, open_id)
) strict, without rowid;

-- What has a pace of its own: a preview token. At most one call carries it (`call_id`).
create table lane (
  id          integer primary key autoincrement,
  account_id  integer not null references account,
  kind        text    not null check (kind in ('preview', 'card', 'session')),
  name        text    not null,
  state       text    not null check (state in ('idle', 'waiting', 'in_flight')),
  audience_id integer references audience,        -- whom it still has to reach
  wide        integer not null default 0 check (wide in (0, 1)),  -- that takes several calls
  follow_id   integer references audience,        -- asked for while it is in flight
  since_ms    integer,                            -- the oldest ask it carries
  ready_ms    integer,                            -- when it becomes due; among due lanes, the order
  slot_ms     integer not null default 0,         -- the earliest moment of its next call
  expires_ms  integer,                            -- when its asks must be looked at again
  round       integer not null default 0,         -- calls made so far
  attempts    integer not null default 0,
  error       text,
  call_id     integer references call,
  -- Looking for what was refused in a call: the lanes that go together, and to how many people.
  group_id    integer,
  people_max  integer check (people_max > 0),
  strikes     integer not null default 0,
  proven      integer not null default 0 check (proven in (0, 1)),
  unique (account_id, kind, name),
  check ((state = 'in_flight') = (call_id is not null)),
  check ((state = 'idle') = (audience_id is null)),
  check ((state = 'idle') = (ready_ms is null)),
  check (follow_id is null or state = 'in_flight')
) strict;

create index lanes_due_longest on lane (account_id, kind, ready_ms) where state = 'waiting';
create index lanes_wanting_this_audience on lane (audience_id, ready_ms)
  where state = 'waiting' and group_id is null;
create index lanes_wanting_a_large_audience on lane (account_id, ready_ms)
  where state = 'waiting' and wide = 1 and group_id is null;
create index lanes_of_a_refused_call on lane (group_id, ready_ms) where group_id is not null;
create index lanes_under_suspicion on lane (account_id, kind, ready_ms)
  where group_id is not null and state = 'waiting';
create index lanes_in_flight on lane (call_id) where call_id is not null;
create index lanes_to_look_at on lane (expires_ms) where expires_ms is not null;

-- One HTTP request and its recorded result. Requests for access tokens are here too.
create table call (
  id           integer primary key autoincrement,
  account_id   integer not null references account,
  api          text    not null check (api in ('preview', 'card', 'session', 'auth')),
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

create index calls_of_a_budget on call (account_id, api, started_ms);
create index calls_under_way on call (id) where ended_ms is null;

-- What an account may do on one API, as far as it must outlive a run.
create table budget (
  account_id   integer not null references account,
  api          text    not null check (api in ('preview', 'card', 'session', 'auth')),
  paused_ms    integer not null default 0,  -- nothing is sent before this
  paused_why   text,
  month        integer not null default 0,  -- months since January 1970, Beijing time
  month_calls  integer not null default 0,
  primary key (account_id, api)
) strict, without rowid;

-- Views: one row per thing, times as a clock on the wall shows them.

create view clock as
select cast((julianday('now') - 2440587.5) * 86400000 as integer) - skew_ms as now_ms, skew_ms
from worker;

-- Every lane that wants something, and every ask that has not been folded into one yet.
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
    iif(budget.paused_ms > clock.now_ms, budget.paused_why, null), '') as last_error
from clock
join lane
join account on account.id = lane.account_id
join audience on audience.id = lane.audience_id
left join budget on budget.account_id = lane.account_id and budget.api = lane.kind
where lane.state <> 'idle'
union all
select
  ask.account,
  ask.kind,
  ask.lane,
  case
    when max(ifnull(ask.latest_ms, 9e18)) <= clock.now_ms then 'expired'
    when min(ask.earliest_ms) > clock.now_ms then 'delayed'
    else 'new'
  end,
  iif(max(json_type(ask.body, '$.everyone') is not null), 'everyone',
    iif(max(json_array_length(ask.body, '$.open_ids')) = 1, '1 person',
      max(json_array_length(ask.body, '$.open_ids')) || ' people')),
  count(*),
  datetime(min(ask.asked_ms) / 1000, 'unixepoch', 'localtime'),
  case
    when max(ifnull(ask.latest_ms, 9e18)) <= clock.now_ms then 'never'
    when min(ask.earliest_ms) > clock.now_ms then
      datetime((min(ask.earliest_ms) + clock.skew_ms + 999) / 1000, 'unixepoch', 'localtime')
    else 'now'
  end,
  0,
  ''
from clock
join (
  select *, asked_ms + after_ms - (select skew_ms from worker) as earliest_ms,
    asked_ms + expires_in_ms - (select skew_ms from worker) as latest_ms
  from ask where id > (select folded_ask from worker) and outcome is null
  union all
  select *, due_ms, expires_ms
  from ask where due_ms is not null and lane_id is null and outcome is null
) as ask
group by ask.account, ask.kind, ask.lane;

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

-- Every lane that holds asks which will not be delivered, until `larkspur retry` or `cancel`.
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
group by lane.id;

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

-- The queue in numbers, as far back as the history is kept.
create view stats as
select 'asks not folded yet' as figure,
  (select count(*) from ask where id > (select folded_ask from worker) and outcome is null) as value
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
