-- Cards and Aily sessions wait in the same queue. Their lanes share no calls: each call carries one
-- lane's parcel.

-- A worker of the older kind that runs at this moment would take cards for previews that name nobody.
-- This column is in the first statement of each of its turns: it ends with an error, and whoever
-- starts it again starts the new one.
alter table worker rename column seen_ms to newest_ms;

drop view stats;
drop view recent_calls;
drop view dead;
drop view in_flight;
drop view ready;
drop view queue;

-- What has a pace of its own: a preview token, a card, a session. At most one call carries it.
create table new_lane (
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
  -- What a card or a session remembers of its calls: the highest sequence, the fields accepted last.
  memory      text    not null default '{}' check (json_type(memory) = 'object'),
  apart       integer not null default 0,         -- asks up to this one go one by one
  result      text    check (result is null or json_valid(result)),  -- of the last answer
  unique (account_id, kind, name),
  check ((state = 'in_flight') = (call_id is not null)),
  check (iif(kind = 'preview', (state = 'idle') = (audience_id is null), audience_id is null)),
  check ((state = 'idle') = (ready_ms is null)),
  check (follow_id is null or state = 'in_flight')
) strict;

insert into new_lane (
  id, account_id, kind, name, state, audience_id, wide, follow_id, since_ms, ready_ms, slot_ms,
  expires_ms, round, attempts, error, call_id, group_id, people_max, strikes, proven)
select
  id, account_id, kind, name, state, audience_id, wide, follow_id, since_ms, ready_ms, slot_ms,
  expires_ms, round, attempts, error, call_id, group_id, people_max, strikes, proven
from lane;

-- Ids are never used again, so the counter goes along.
update sqlite_sequence set seq = (select max(seq) from sqlite_sequence where name = 'lane')
where name = 'new_lane' and exists (select 1 from sqlite_sequence where name = 'lane');
insert into sqlite_sequence (name, seq)
select 'new_lane', seq from sqlite_sequence
where name = 'lane' and not exists (select 1 from sqlite_sequence where name = 'new_lane');
drop table lane;
alter table new_lane rename to lane;

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

-- What a call of such a lane carries. It is on disk, with the exact bytes, before it is first sent,
-- and stays until its outcome is known.
create table parcel (
  lane_id      integer primary key references lane,
  asks         text    not null check (json_type(asks) = 'array'),     -- done once it is accepted
  fields       text    not null check (json_type(fields) = 'object'),
  body         text    not null,
  uncertain    integer not null default 0 check (uncertain in (0, 1)), -- it may have been carried out
  name_given   integer not null default 0 check (name_given in (0, 1)),
  number_given integer not null default 0 check (number_given in (0, 1)),
  renumbered   integer not null default 0,
  renamed      integer not null default 0,
  waits        integer not null default 0
) strict;

-- Sixteen bits made of a person's access token that was refused: enough to see that it has been
-- replaced, and too few to learn anything of it.
alter table budget add column refused_mark integer check (refused_mark between 0 and 65535);

-- In the line before a card there may be thousands, of which few expire.
create index asks_that_expire on ask (lane_id, expires_ms)
  where expires_ms is not null and lane_id is not null and outcome is null;

-- A flood of previews may take a while to fold; the few others do not wait behind it.
create index asks_folded_first on ask (id)
  where kind <> 'preview' and lane_id is null and due_ms is null and outcome is null;

drop trigger ask_is_well_formed;

-- The one set of checks, whoever asks: command line, Swift or SQL.
create trigger ask_is_well_formed before insert on ask
begin
  select case
    when new.account glob '*[^A-Za-z0-9_.-]*' or length(new.account) not between 1 and 64
      then raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores')
    when new.kind not in ('preview', 'card', 'session')
      then raise(abort, 'kind must be ''preview'', ''card'' or ''session''')
    when length(cast(new.body as blob)) > iif(new.kind = 'card', 5000000, 4000000)
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
    when new.lane_id is not null or new.audience_id is not null or new.round is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, after_ms and expires_in_ms')
  end;
end;

create trigger ask_names_its_preview before insert on ask
when new.kind = 'preview'
begin
  select case
    when new.lane = ''
      then raise(abort, 'the preview token is empty')
    when length(cast(new.lane as blob)) > 256
      then raise(abort, 'the preview token is longer than 256 characters')
    when new.lane glob '*[^!-~]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'the preview token contains a space, a line break or another character that no token has')
  end;
end;

create trigger ask_names_its_card before insert on ask
when new.kind = 'card'
begin
  select case
    when new.lane glob '*[^!-~]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'the card_id contains a space, a line break or another character that no card_id has')
    when length(new.lane) not between 1 and 20
      then raise(abort, 'a card_id has 1 to 20 characters')
    -- In an address these two name folders.
    when new.lane in ('.', '..')
      then raise(abort, 'a card_id is not . or ..')
  end;
end;

create trigger ask_names_its_session before insert on ask
when new.kind = 'session'
begin
  select case
    when new.lane not glob 'session_?*' or length(cast(new.lane as blob)) > 32
      or substr(new.lane, 9) glob '*[^0-9a-hjkmnp-z]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'a session id is session_ and 1 to 24 digits and small letters other than i, l and o')
  end;
end;

-- Those below are of their own, because json functions fail with a message of their own on text that
-- is not JSON.
create trigger ask_carries_a_batch before insert on ask
when new.kind = 'card' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (
      select 1 from json_each(new.body) where key not in ('actions', 'uuid', 'sequence'))
      then raise(abort, 'the body has an unknown key; a card takes actions, uuid and sequence')
    when (select count(*) > count(distinct key) from json_each(new.body))
      then raise(abort, 'the body names a key twice')
    when json_type(new.body, '$.actions') is not 'array'
      then raise(abort, 'actions must be a JSON list of {"action":…,"params":{…}}')
    when json_array_length(new.body, '$.actions') = 0
      then raise(abort, 'actions is empty: nothing would change')
    when length(json_extract(new.body, '$.actions')) > 1000000
      then raise(abort, 'actions are longer than 1,000,000 characters; split them over several asks')
    -- A key may be spelt with escapes, which paths do not find.
    when exists (
      select 1 from json_each(new.body)
      where key = 'uuid' and (type <> 'text' or length(value) not between 1 and 64))
      then raise(abort, 'uuid must be a string of 1 to 64 characters')
    when exists (
      select 1 from json_each(new.body)
      where key = 'sequence' and (type <> 'integer' or value not between 1 and 2147483647))
      then raise(abort, 'sequence must be a whole number from 1 to 2147483647')
    -- SQLite reads a string in JSON no further than this.
    when instr(replace(new.body, '\\', ''), '\u0000')
      then raise(abort, 'the body contains \u0000, which SQLite cannot keep')
  end;
end;

-- Before SQLite 3.47 raise() takes no computed text. A path that is none is reported with its text:
-- JSON path error near 'action 2: …'.
create trigger ask_carries_documented_actions before insert on ask
when new.kind = 'card' and iif(json_valid(new.body), json_type(new.body, '$.actions') = 'array', false)
begin
  select json_extract('{}', 'action ' || number || ': ' || wrong)
  from (
    select number, case
      when name is null or json_type(action, '$.params') is not 'object'
        then 'it is not {"action":…,"params":{…}}'
      -- Older pages of the documentation put config and card_link into params, newer ones into
      -- params.settings.
      when name = 'partial_update_setting' then
        case when
          coalesce(
            json_type(action, '$.params.config'), json_type(action, '$.params.card_link'),
            json_type(action, '$.params.settings.config'),
            json_type(action, '$.params.settings.card_link')) is null
          or ifnull(json_type(action, '$.params.config'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.card_link'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.settings'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.settings.config'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.settings.card_link'), 'object') <> 'object'
          then name || ' needs config or card_link, an object, in params or in params.settings' end
      when name = 'add_elements' then
        case
          when ifnull(json_extract(action, '$.params.type'), '')
            not in ('insert_before', 'insert_after', 'append')
            then name || ' needs type: insert_before, insert_after or append'
          when json_extract(action, '$.params.type') <> 'append'
            and json_type(action, '$.params.target_element_id') is null
            then name || ' needs target_element_id, unless its type is append'
          when ifnull(json_type(action, '$.params.target_element_id'), 'text') <> 'text'
            or json_extract(action, '$.params.target_element_id') = ''
            then 'target_element_id must be a string that is not empty'
          when json_type(action, '$.params.elements') is not 'array'
            or json_array_length(action, '$.params.elements') = 0
            or exists (
              select 1 from json_each(action, '$.params.elements') as element
              where iif(element.type = 'object', json_type(element.value, '$.tag'), null) is not 'text')
            then name || ' needs elements, a list of objects with a tag'
        end
      when name = 'delete_elements' then
        case when json_type(action, '$.params.element_ids') is not 'array'
          or json_array_length(action, '$.params.element_ids') = 0
          or exists (
            select 1 from json_each(action, '$.params.element_ids') as id
            where id.type <> 'text' or id.value = '')
          then name || ' needs element_ids, a list of strings that are not empty' end
      when name not in ('partial_update_element', 'update_element')
        then 'there is no such action; there are partial_update_setting, add_elements, delete_elements, partial_update_element and update_element'
      when json_type(action, '$.params.element_id') is not 'text'
        or json_extract(action, '$.params.element_id') = ''
        then name || ' needs element_id, a string that is not empty'
      when name = 'partial_update_element' then
        case when json_type(action, '$.params.partial_element') is not 'object'
          then name || ' needs partial_element, an object' end
      when json_type(action, '$.params.element.tag') is not 'text'
        then name || ' needs element, an object with a tag'
    end as wrong
    from (
      select key as number, iif(type = 'object', value, '{}') as action,
        iif(type = 'object' and json_type(value, '$.action') = 'text',
          json_extract(value, '$.action'), null) as name
      from json_each(new.body, '$.actions')
      -- With this SQLite works each column out once, which counts when an action is a megabyte.
      limit -1)
    limit -1)
  where wrong is not null
  limit 1;
end;

create trigger ask_writes_a_session before insert on ask
when new.kind = 'session' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (
      select 1 from json_each(new.body) where key not in ('channel_context', 'metadata'))
      then raise(abort, 'the body has an unknown key; a session takes channel_context and metadata')
    when (select count(*) > count(distinct key) from json_each(new.body))
      then raise(abort, 'the body names a key twice')
    when json_type(new.body, '$.channel_context') is null and json_type(new.body, '$.metadata') is null
      then raise(abort, 'nothing to write: give channel_context, metadata or both')
    when exists (select 1 from json_each(new.body) where type <> 'text')
      then raise(abort, 'channel_context and metadata must be strings')
    when exists (select 1 from json_each(new.body) where length(value) > 255)
      then raise(abort, 'channel_context and metadata have at most 255 characters')
    -- Half of a surrogate pair, left over where a text was cut, is read as U+FFFD.
    when exists (
      select 1 from json_each(new.body)
      where replace(value, char(65533), '') glob '*' || char(65533) || '*')
      then raise(abort, 'channel_context and metadata must not contain half of a character, such as \ud83d alone')
    when instr(replace(new.body, '\\', ''), '\u0000')
      then raise(abort, 'the body contains \u0000, which SQLite cannot keep')
  end;
end;

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
  ask.account,
  ask.kind,
  ask.lane,
  case
    when max(ifnull(ask.latest_ms, 9e18)) <= clock.now_ms then 'expired'
    when min(ask.earliest_ms) > clock.now_ms then 'delayed'
    else 'new'
  end,
  case
    when ask.kind <> 'preview' then ''
    when max(json_type(ask.body, '$.everyone') is not null) then 'everyone'
    when max(json_array_length(ask.body, '$.open_ids')) = 1 then '1 person'
    else max(json_array_length(ask.body, '$.open_ids')) || ' people'
  end,
  count(*),
  datetime(min(ask.asked_ms) / 1000, 'unixepoch', 'localtime'),
  case
    when max(ifnull(ask.latest_ms, 9e18)) <= clock.now_ms then 'never'
    when min(ask.earliest_ms) > clock.now_ms then
      datetime((min(ask.earliest_ms) + clock.skew_ms + 999) / 1000, 'unixepoch', 'localtime')
    else 'now'
  end,
  0,
  '',
  null
from clock
join (
  select *, asked_ms + after_ms - (select skew_ms from worker) as earliest_ms,
    asked_ms + expires_in_ms - (select skew_ms from worker) as latest_ms
  from ask
  where id > (select folded_ask from worker) and outcome is null and lane_id is null
    and due_ms is null
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

-- Lanes that want nothing at the moment, with what their last answer said.
create view idle as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  lane.round as calls,
  lane.result as result
from lane
join account on account.id = lane.account_id
where lane.state = 'idle';

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

-- The queue in numbers, as far back as the history is kept.
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
