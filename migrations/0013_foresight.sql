-- What people ask about: when the worker ran and what kept it from calling, when something was last delivered, and
-- what looking ahead needs to know of the worker that runs.

create table span (
  id         integer primary key autoincrement,
  what       text    not null check (what in ('run', 'pause', 'parking')),
  account_id integer references account,    -- null for a run, which works for all accounts
  api        text,                          -- the calls that were paused: the name of a kind, or auth
  -- What a pause waited for (paused, quota, credentials), what was wrong with a parked account (credentials,
  -- permission, address), or how a run ended (ended, stopped, died).
  reason     text,
  why        text,
  began_ms   integer not null,
  ended_ms   integer,                       -- a pause that lasts has its planned end; null for the others
  check ((account_id is null) = (what = 'run')),
  check ((api is null) = (what <> 'pause'))
) strict;

create index spans_open on span (what, account_id) where ended_ms is null;
create index spans_of_a_channel on span (account_id, api, id) where api is not null;

-- What the worker did, and what kept it from calling. The newest comes first.
create view spans as
select
  span.what as what,
  account.name as account,
  span.api as api,
  span.reason as reason,
  datetime((span.began_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as began,
  datetime((span.ended_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as ended,
  round((ifnull(span.ended_ms, clock.now_ms) - span.began_ms) / 1000.0, 3) as seconds,
  span.why as why
from clock
join span
left join account on account.id = span.account_id
order by span.id desc;

-- When the access token that the running worker holds expires; null if it has none.
alter table account add column token_ms integer;

-- The last call that the lane was in. Calls are pruned.
alter table lane add column last_call integer;

-- For lanes that want nothing any more: which of their asks ended without a call.
create index asks_given_up on ask (lane_id) where outcome in ('expired', 'cancelled');

drop view idle;

create view idle as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  lane.calls as calls,
  lane.result as result,
  iif(call.outcome = 'delivered',
    datetime((call.ended_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime'), null) as last_delivered
from clock
join lane on lane.state = 'idle'
join account on account.id = lane.account_id
left join call on call.id = lane.last_call;
