-- What monitoring asks for: totals that never fall, how late deliveries were, and how long the month's calls will
-- last.

-- Totals since the queue was made. Rows of asks and calls come and go, so what has ended is added here: by the
-- worker, every 15 seconds and before it prunes.
create table total (
  what    text    not null check (what in ('ask', 'call')),
  account text    not null,
  api     text    not null,              -- the kind of the asks, or the API of the calls
  outcome text    not null,
  count   integer not null,
  lanes   integer not null default 0,    -- how many lanes these calls carried
  primary key (what, account, api, outcome)
) strict, without rowid;

-- How long delivered asks waited for the call that Feishu accepted. A row counts the asks that took at most
-- `up_to_ms` and longer than the row before.
create table staleness (
  up_to_ms integer primary key,
  asks     integer not null,
  took_ms  integer not null              -- the sum over these asks
) strict;

-- How far the totals have come. Counted are the asks that ended before `counted_ms`, of those that ended in it the
-- ones up to `counted_ask`, and the calls up to `counted_call`. A new queue, and one of an older version, begin at
-- zero: the worker counts the history that is there in slices.
alter table worker add column counted_ms   integer not null default 0;
alter table worker add column counted_ask  integer not null default 0;
alter table worker add column counted_call integer not null default 0;

-- Which asks have ended since the totals were last brought up to date. Asks end in any order, and without an index
-- all of them would have to be read. A claim and a settle of ten lanes write about twenty pages to the log, and one
-- more with this index.
create index asks_ended on ask (ended_ms) where ended_ms is not null;

-- What ended and was deleted, retried or cancelled before it was counted. The worker adds these rows to the totals
-- and deletes them.
create table uncounted_ask (
  id       integer primary key,
  account  text    not null,
  kind     text    not null,
  outcome  text    not null,
  call_id  integer,
  asked_ms integer not null,
  after_ms integer not null,
  ended_ms integer not null
) strict;

create table uncounted_call (
  id      integer primary key,
  account text    not null,
  api     text    not null,
  outcome text    not null,
  lanes   integer not null
) strict;

-- The worker runs no triggers, and it deletes only what it has counted. These are for everybody else.
create trigger ask_deleted_is_counted after delete on ask
when old.ended_ms is not null
  and (old.ended_ms, old.id) > (select counted_ms, counted_ask from worker)
begin
  insert into uncounted_ask (account, kind, outcome, call_id, asked_ms, after_ms, ended_ms)
  values (old.account, old.kind, old.outcome, old.call_id, old.asked_ms, old.after_ms, old.ended_ms);
end;

-- A dead ask that is retried or cancelled has died all the same.
create trigger ask_reopened_is_counted after update of outcome on ask
when old.ended_ms is not null and new.outcome is not old.outcome
  and (old.ended_ms, old.id) > (select counted_ms, counted_ask from worker)
begin
  insert into uncounted_ask (account, kind, outcome, call_id, asked_ms, after_ms, ended_ms)
  values (old.account, old.kind, old.outcome, old.call_id, old.asked_ms, old.after_ms, old.ended_ms);
end;

-- After the wall clock was set, `larkspur cancel` may write a moment that the worker has already counted.
create trigger ask_ended_in_the_past_is_counted after update of outcome on ask
when new.ended_ms is not null and new.outcome is not old.outcome
  and (new.ended_ms, new.id) <= (select counted_ms, counted_ask from worker)
begin
  insert into uncounted_ask (account, kind, outcome, call_id, asked_ms, after_ms, ended_ms)
  values (new.account, new.kind, new.outcome, new.call_id, new.asked_ms, new.after_ms, new.ended_ms);
end;

create trigger call_deleted_is_counted after delete on call
when old.outcome is not null and old.id > (select counted_call from worker)
begin
  insert into uncounted_call (account, api, outcome, lanes)
  select ifnull((select name from account where id = old.account_id), '?'), old.api, old.outcome,
    json_array_length(old.lanes);
end;

-- How late deliveries were, by the hour in which they were made: how long an ask waited, from the moment it was
-- asked or its `after_ms` had passed until Feishu accepted the call. Half of the asks waited for at most `median`
-- seconds, 95 of 100 for at most `p95`. Deliveries are seen for as long as their rows are kept.
create view latency as
select account, kind,
  datetime(hours * 3600, 'unixepoch', 'localtime') as hour,
  max(asks) as asks,
  max(iif(place = (asks * 50 + 99) / 100, waited_ms, null)) / 1000.0 as median,
  max(iif(place = (asks * 95 + 99) / 100, waited_ms, null)) / 1000.0 as p95,
  max(iif(place = (asks * 99 + 99) / 100, waited_ms, null)) / 1000.0 as p99,
  max(waited_ms) / 1000.0 as worst
from (
  select account, kind, hours, waited_ms,
    count(*) over (partition by account, kind, hours) as asks,
    row_number() over (partition by account, kind, hours order by waited_ms) as place
  from (
    -- Hours since 1970 stay apart also where the local time is set back.
    select account, kind, (ended_ms + skew_ms) / 3600000 as hours,
      max(0, ended_ms + skew_ms - asked_ms - after_ms) as waited_ms
    from clock cross join ask
    where outcome = 'delivered' and call_id is not null))
group by account, kind, hours
order by hours desc, account, kind;

-- Whether calls of the kind count for the account's monthly quota.
alter table kind add column has_quota integer not null default 0 check (has_quota in (0, 1));
update kind set has_quota = 1 where name in ('preview', 'card');

drop view budgets;

-- `quota` is how many calls the account may make in a month, over all its kinds; null if the configuration sets
-- none. `projected` is how many calls of this API the month will have had at its end, at the pace of the last seven
-- days.
create view budgets as
select account, api, last_second, last_minute, this_month, state, paused_until, why, quota,
  this_month + recent * max(0, month_ends_ms - now_ms)
    / min(604800000, max(3600000, now_ms - ifnull(first_ms, now_ms))) as projected
from (
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
      as why,
    iif((select has_quota from kind where kind.name = budget.api),
      account.limits ->> '$.monthly_quota', null) as quota,
    clock.now_ms as now_ms,
    strftime('%s', 'now', '+8 hours', 'start of month', '+1 month', '-8 hours') * 1000 - clock.skew_ms
      as month_ends_ms,
    (select count(*) from call where call.account_id = budget.account_id
      and call.api = budget.api and call.started_ms > clock.now_ms - 604800000) as recent,
    (select min(started_ms) from call where call.account_id = budget.account_id
      and call.api = budget.api and call.started_ms > clock.now_ms - 604800000) as first_ms
  from clock
  join budget
  join account on account.id = budget.account_id);
