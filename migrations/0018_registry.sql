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

drop trigger sighting_is_recorded;

-- A sighting that says nothing new changes no row, whatever conflict clause the caller uses: an upsert keeps its
-- own. A token that no ask may name is not recorded.
create trigger sighting_is_recorded instead of insert on sighting
begin
  select case
    -- A library may bind text as a blob, and an empty blob is not equal to ''.
    when ifnull(length(cast(new.token as blob)), 0) = 0
      then raise(abort, 'the preview token is missing; a draft has none yet, so there is nothing to record')
    when length(cast(new.token as blob)) > 256
      then raise(abort, 'the preview token is longer than 256 characters')
    when cast(new.token as text) glob '*[^!-~]*' or instr(cast(new.token as blob), x'00')
      then raise(abort, 'the preview token contains a space, a line break or another character that no token has')
    -- <token>, {token}, $TOKEN, %s, YOUR_TOKEN
    when cast(new.token as text) glob '<[A-Za-z_]*' or cast(new.token as text) glob '{[A-Za-z_{]*}'
      or cast(new.token as text) glob '$[A-Za-z_{(]*' or cast(new.token as text) glob '%[a-z]'
      or lower(cast(new.token as text)) glob 'your[_-]*'
      then raise(abort, 'the preview token is still a placeholder; give the preview_token that Feishu sends with the callback url.preview.get')
    -- Also without its scheme: what stands before the first slash is the name of a host.
    when cast(new.token as text) glob '*:/*' or (cast(new.token as text) glob '*?.[a-z][a-z]*/*'
        and substr(cast(new.token as text), 1, instr(cast(new.token as text), '/') - 1) not glob '*[^a-z0-9.-]*'
        and substr(cast(new.token as text), 1, instr(cast(new.token as text), '/') - 1) glob '*?.[a-z][a-z]*')
      then raise(abort, 'that is a URL, not a preview token; give the preview_token that Feishu sends with the callback url.preview.get')
    when ifnull(length(cast(new.key as blob)), 0) = 0
      then raise(abort, 'the key is missing: name what the preview shows, for example ticket-1041')
    when length(cast(new.key as blob)) > 256
      then raise(abort, 'the key is longer than 256 characters')
    when cast(new.key as text) glob '*[^!-~]*' or instr(cast(new.key as blob), x'00')
      then raise(abort, 'the key contains a space, a line break or a character that is not ASCII; use an id, for example ticket-1041')
    when cast(ifnull(new.account, 'default') as text) glob '*[^A-Za-z0-9_.-]*'
      or length(cast(ifnull(new.account, 'default') as blob)) not between 1 and 64
      or instr(cast(new.account as blob), x'00')
      then raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores')
    when length(cast(new.url as text)) > 2048 or instr(cast(new.url as blob), x'00')
      then raise(abort, 'the URL is longer than 2,048 characters or contains a zero byte; leave it out')
    when length(cast(new.chat as blob)) > 128 or cast(new.chat as text) glob '*[^!-~]*'
      or instr(cast(new.chat as blob), x'00')
      then raise(abort, 'the chat is no chat_id; give the open_chat_id of the callback, or leave it out')
    when new.open_id <> '' and (cast(new.open_id as text) not glob 'ou_?*' or length(cast(new.open_id as blob)) > 64
      or cast(new.open_id as text) glob '*[^!-~]*' or cast(new.open_id as text) glob '*[,;]*'
      or instr(cast(new.open_id as blob), x'00'))
      then raise(abort, 'an open_id begins with ou_ and looks like ou_7d8a6e6df7621556ce0d21922b676706ccs')
  end;

  insert into known_token (account, name, url, chat, seen_day)
  values (cast(ifnull(new.account, 'default') as text), cast(new.token as text),
    nullif(cast(new.url as text), ''), nullif(cast(new.chat as text), ''), unixepoch() / 86400)
  on conflict (account, name) do update
  set url = ifnull(excluded.url, url), chat = ifnull(excluded.chat, chat), seen_day = max(seen_day, excluded.seen_day)
  where seen_day < excluded.seen_day or url is not ifnull(excluded.url, url)
    or chat is not ifnull(excluded.chat, chat);

  insert into known_key (account, name)
  values (cast(ifnull(new.account, 'default') as text), cast(new.key as text))
  on conflict (account, name) do nothing;

  -- Dropping one instead would leave a preview out of date without anybody noticing.
  select raise(abort, 'this preview token has 16 keys already, and a token can have no more; name only what the preview shows')
  from known_token
  where account = cast(ifnull(new.account, 'default') as text) and name = cast(new.token as text)
    and (select count(*) from tag where token_id = known_token.id) >= 16
    and not exists (
      select 1 from tag join known_key on known_key.id = key_id
      where token_id = known_token.id and known_key.name = cast(new.key as text));

  insert into tag (key_id, token_id, seen_day)
  select known_key.id, known_token.id, unixepoch() / 86400
  from known_token join known_key on known_key.account = known_token.account
  where known_token.account = cast(ifnull(new.account, 'default') as text)
    and known_token.name = cast(new.token as text) and known_key.name = cast(new.key as text)
  on conflict (key_id, token_id) do update set seen_day = excluded.seen_day where seen_day < excluded.seen_day;

  insert into viewer (token_id, open_id, seen_day)
  select id, cast(new.open_id as text), unixepoch() / 86400
  from known_token
  where account = cast(ifnull(new.account, 'default') as text) and name = cast(new.token as text)
    and new.open_id <> ''
  on conflict (token_id, open_id) do update set seen_day = excluded.seen_day where seen_day < excluded.seen_day;
end;

-- Previews of a key or URL that were not refreshed, for the asks of this lane that are numbered from `first` on, and
-- below `before`. An ask lists them when it ends. There may be thousands of such asks, so none is written when a
-- part dies.
create table not_refreshed (
  id      integer primary key,
  lane_id integer not null references lane on delete cascade,
  token   text    not null,
  reach   integer not null,  -- 1 for asks for everyone, 2 for asks for the viewers
  first   integer not null,
  before  integer not null,
  reason  text    not null
) strict;

create index not_refreshed_of_a_key on not_refreshed (lane_id);

insert into not_refreshed (lane_id, token, reach, first, before, reason)
select ask.lane_id, missed.value, iif(json_type(ask.body, '$.everyone') is null, 2, 1), ask.first_call, ask.first_call + 1, ifnull(ask.reason, 'cancelled')
from ask join json_each(ask.refused) as missed
where ask.kind in ('key', 'url') and ask.outcome is null and ask.lane_id is not null and ask.refused is not null
  and json_valid(ask.refused);
update ask set refused = null, reason = null
where kind in ('key', 'url') and outcome is null and lane_id is not null and refused is not null;

drop trigger part_deleted_is_noted;

-- Deleting a part cancels the refresh of its preview. The asks that waited for it say so when they end.
create trigger part_deleted_is_noted after delete on ask
when old.part_of is not null and old.outcome is null
begin
  insert into not_refreshed (lane_id, token, reach, first, before, reason)
  select id, old.lane, reach, ifnull(old.serves_from, 0), ifnull((
    select min(later.serves_from) from ask as later
    where later.lane_id = old.lane_id and later.outcome is null and later.part_of = old.part_of
      and later.serves_from > old.serves_from and later.part_for & reach), calls + 1), 'cancelled'
  from lane cross join (select 1 as reach union all select 2)
  where id = old.part_of and state <> 'idle' and old.part_for & reach;
  update lane set expires_ms = 0 where id = old.part_of and state <> 'idle';
end;
