-- Which previews show what: backends record what the callback url.preview.get has shown, so that a change can be
-- told by key or URL instead of by preview token.

-- Something that changes, as the backend calls it: `ticket-1041`.
create table known_key (
  id      integer primary key,
  account text    not null,
  name    text    not null,
  asks    integer not null default 0,  -- how often a refresh was asked for
  dropped integer not null default 0,  -- previews that were forgotten because the key had too many
  unique (account, name)
) strict;

-- A preview token: one link in one message, or in a signature.
create table known_token (
  id       integer primary key,
  account  text    not null,
  name     text    not null,
  url      text,
  chat     text,
  -- The day of the last sighting, counted from 1970. Days and not moments, because a sighting that is repeated must
  -- not write anything.
  seen_day integer not null,
  unique (account, name)
) strict;

create index tokens_of_a_url on known_token (account, url) where url is not null;

-- The previews that show something.
create table tag (
  key_id   integer not null references known_key,
  token_id integer not null references known_token,
  seen_day integer not null,
  primary key (key_id, token_id)
) strict, without rowid;

create index keys_of_a_token on tag (token_id);

-- The users whose clients have requested a preview.
create table viewer (
  token_id integer not null references known_token,
  open_id  text    not null,
  seen_day integer not null,
  primary key (token_id, open_id)
) strict, without rowid;

create index previews_of_a_viewer on viewer (open_id);

-- The day on which old sightings were last forgotten.
alter table worker add column forgot_day integer not null default 0;

-- What backends insert into. Reading it gives no rows: see `previews` and `keys`.
create view sighting as
select null as token, null as key, null as url, null as chat, null as open_id, null as account
where false;

-- A sighting that says nothing new changes no row, whatever conflict clause the caller uses: an upsert keeps its
-- own.
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
    when cast(new.token as text) glob '<*'
      then raise(abort, 'the preview token is still a placeholder; give the preview_token that Feishu sends with the callback url.preview.get')
    when cast(new.token as text) glob '*:/*'
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

-- Every preview that was seen. `viewers` are the users whose clients have requested it; `audience` is whom a refresh
-- for viewers would reach: with none known, or more than a refresh may name, it is everyone.
create view previews as
select
  known_token.account as account,
  known_token.name as token,
  (select group_concat(name, ' ') from (
    select known_key.name from tag join known_key on known_key.id = tag.key_id
    where tag.token_id = known_token.id order by known_key.name)) as keys,
  known_token.url as url,
  known_token.chat as chat,
  viewers,
  case
    when viewers = 0 or viewers > viewers_most then 'everyone'
    when viewers = 1 then '1 person'
    else viewers || ' people'
  end as audience,
  date(known_token.seen_day * 86400, 'unixepoch') as seen
from (
  select id as token_id, (select count(*) from viewer where token_id = known_token.id) as viewers,
    ifnull((select limits ->> '$.viewers_most' from account where account.name = known_token.account), 100)
      as viewers_most
  from known_token) as counted
join known_token on known_token.id = counted.token_id;

-- Every key, with how many previews show it. `asks` is how often a refresh was asked for: if it grows with each
-- callback, the backend asks in its callback. `dropped` counts previews that were forgotten because the key had too
-- many.
create view keys as
select
  known_key.account as account,
  known_key.name as key,
  (select count(*) from tag where key_id = known_key.id) as previews,
  (select count(distinct open_id) from tag join viewer on viewer.token_id = tag.token_id
    where key_id = known_key.id) as viewers,
  (select date(max(seen_day) * 86400, 'unixepoch') from tag where key_id = known_key.id) as seen,
  known_key.asks as asks,
  known_key.dropped as dropped
from known_key;

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
union all select 'previews dropped', (select ifnull(sum(dropped), 0) from known_key);
