-- What the registry of seen previews has learned: a preview that Feishu refuses is forgotten, and a wall clock that
-- is wrong for a while makes nothing seem old.

-- How many previews were forgotten because Feishu refused them, since the queue was made.
alter table worker add column refused_previews integer not null default 0;

-- When the last pass over the sightings began, by the queue's clock. `forgot_day` is the day it took for today.
alter table worker add column forgot_ms integer not null default 0;

drop view stats;

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
  (select count(*) from call where api <> 'auth' and outcome <> 'delivered')
union all select 'previews known', (select count(*) from known_token)
union all select 'keys known', (select count(*) from known_key)
union all select 'previews dropped', (select ifnull(sum(dropped), 0) from known_key)
union all select 'previews refused', (select refused_previews from worker);
