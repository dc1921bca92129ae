-- The previews of a key take turns with other lanes call by call, and no longer by time alone: where answers are slow,
-- fewer calls go than the limits allow, and a key took most of them.

-- Whether the call was opened by a preview that is one of many for the same ask by key.
alter table call add column of_many integer not null default 0 check (of_many in (0, 1));

-- Most previews of a key wait in a line of their own, behind all other lanes: 500000000000000 is added to the moment of
-- their turn in `spread_ms`. Those that wait already go like any other lane.
update ask set spread_ms = 0 where spread_ms > 0 and outcome is null;
update lane set spread_ms = 0 where spread_ms > 0;
drop index lanes_spread;
create index lanes_spread on lane (account_id, kind, urgent, max(ready_ms, spread_ms - 500000000000000))
  where state = 'waiting' and spread_ms > 0;
