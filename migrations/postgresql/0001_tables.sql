-- The shared queue, for PostgreSQL 13 or newer: what several workers must agree on.
--
-- These files are applied in order, each in one transaction (`psql -1`), and then roles.sql. A file that was
-- released does not change. Each ends with its row in schema_version.
--
-- The tables are insert only wherever calls and asks pass through them, because an update leaves a dead row behind
-- that vacuum has to find. What is updated is small and bounded: run, account, budget, note.
--
-- Three roles of the design run through all files: who asks, who works, who looks. See roles.sql.

do $$
begin
  if current_setting('server_version_num')::int < 130000 then
    raise exception 'the shared queue needs PostgreSQL 13 or newer; this is %', current_setting('server_version');
  end if;
  -- Lengths are counted in characters, and a card is sent byte for byte.
  if current_setting('server_encoding') <> 'UTF8' then
    raise exception 'the database has encoding %; create one with UTF8', current_setting('server_encoding');
  end if;
end $$;

-- A schema of its own, so that the queue may live in the database of the application that asks. The names below
-- (account, call, run) are too plain to share.
create schema larkspur;
set local search_path = larkspur;

-- One row for each migration. Programs of two versions work on one queue while it is upgraded:
-- - A program that knows schemas up to N works on a newer one if its newest row has works_with <= N.
-- - Migrations add: columns with defaults, tables, views, keys in the JSON that a turn carries. What a program of an
--   older version calls stays, with its arguments and its answer.
-- - A migration that takes something away raises works_with. It is refused while a run lives whose program knows less
--   (run.knows), so it comes one release after the last program that needed what it takes away.
create table schema_version (
  version    integer     primary key,
  works_with integer     not null check (works_with <= version),
  applied_at timestamptz not null default clock_timestamp()
);

-- One life of one worker process. Its number is never used again, so it is an epoch: what a run wrote can always be
-- told from what its successor wrote.
--
-- Every turn updates the row of its run, and declaring the run gone updates the same row. The two exclude each other,
-- and that is the fence: from the commit that sets `gone` on, the run can write nothing.
create table run (
  id         bigint      generated always as identity primary key,
  name       text        not null,                 -- host and process, for people
  boot       text,                                 -- boot_id of its machine
  knows      integer     not null,                 -- the newest schema its program knows
  beat       bigint      not null default 0,       -- grows with every turn and look: after a broken connection it says
                                                   -- whether the last turn was committed
  turned     bigint      not null default 0,       -- the beat of its last turn
  settled    bigint      not null default 0,       -- every call of it up to this number has an answer
  backend    integer,                              -- the server's process of its session; null behind a pooler
  sleeps     boolean     not null default false,   -- it waits and wants to be notified
  gone       boolean     not null default false,
  started_at timestamptz not null default clock_timestamp(),
  seen_at    timestamptz not null default clock_timestamp(),  -- its last beat, for people
  gone_at    timestamptz,
  ended_how  text        check (ended_how in ('ended', 'stopped', 'died')),
  check (gone = (gone_at is not null)),
  check (gone = (ended_how is not null))
)
-- Room for new versions of a row beside the old one: with no index on what changes, they are all HOT.
with (fillfactor = 10);

create table account (
  id         integer generated always as identity primary key,
  name       text    collate "C" not null unique check (name ~ '^[A-Za-z0-9_.-]{1,64}$'),
  -- The run that works it; null if none does. It is changed by its holder, or once its holder is gone. One column,
  -- so two runs cannot hold one account.
  holder     bigint  references run,
  configured integer check (configured in (0, 1)),
  limits     jsonb,                                -- what checks and views need of its configuration
  parked     text    check (parked in ('credentials', 'permission', 'address')),
  parked_why text,
  probe_at   timestamptz,                          -- one try although it is parked
  refusals   integer not null default 0,           -- access tokens refused in a row
  -- No ask below this number is open, and none below it can still be committed: see turn().
  open_from  bigint  not null default 0,
  check ((parked is null) = (probe_at is null))
);
create index accounts_held_by_a_run on account (holder);

create table kind (
  name           text    collate "C" primary key,
  body_max_bytes integer not null,
  has_quota      integer not null default 0 check (has_quota in (0, 1))
);
insert into kind values
  ('preview', 4000000, 1), ('card', 5000000, 1), ('session', 4000000, 0), ('key', 1000, 0), ('url', 1000, 0);

-- Asks as they were asked. People and programs use the view `ask`, which checks a row before it gets here.
-- Never updated; old partitions are dropped whole, see upkeep().
create sequence ask_number;
create table asked (
  id            bigint  not null,
  account       text    collate "C" not null,
  kind          text    collate "C" not null,
  lane          text    collate "C" not null,
  body          text    not null,                  -- text and not jsonb: a card's actions are sent byte for byte
  after_ms      bigint  not null,
  expires_in_ms bigint,
  urgent        integer not null,
  asked_ms      bigint  not null,
  -- The transaction that asked. Holders find new asks by it and not by id, because a lower id may be committed after
  -- a higher one was read.
  xact          xid8    not null,
  primary key (id)
) partition by range (id);
-- What a holder asks many times a second.
create index asks_since_a_snapshot on asked (xact, account);
-- What an heir asks.
create index asks_of_an_account on asked (account, id);

-- An ask is open while it has no row here. A retry deletes the row.
create table ended (
  ask_id   bigint      primary key,
  outcome  text        not null check (outcome in ('delivered', 'dead', 'expired', 'cancelled')),
  reason   text,
  refused  text,                                   -- a JSON list: who was not reached of a dead ask
  call_run bigint,
  call_id  bigint,
  ended_at timestamptz not null default clock_timestamp(),
  check (outcome <> 'dead' or reason is not null)
) partition by range (ask_id);
create index asks_dead on ended (ask_id) where outcome = 'dead';

-- A call is written before it is sent: a turn with its claim has to be acknowledged first. Its id is the number it
-- has in the local queue of its run, so nothing is fetched from a sequence.
-- (run, id) is unique because a run counts its calls; the key holds the day as well, because PostgreSQL wants what
-- the table is partitioned by in every key.
create table call (
  run        bigint      not null,
  id         bigint      not null,
  account_id integer     not null,
  api        text        collate "C" not null,     -- the name of a kind, or auth
  lanes      text        not null default '',      -- their names: tokens, cards and sessions have no spaces
  people     integer     check (people > 0),       -- how many users; null for everyone, and for other kinds
  urgent     integer     not null default 0,
  started_at timestamptz not null default clock_timestamp(),
  xact       xid8        not null default pg_current_xact_id(),
  primary key (run, id, started_at)
) partition by range (started_at);
create index calls_of_an_account on call (account_id, xact);
-- Whether there was ever one. Previews are found by the index above, for nearly all calls are for them.
create index calls_but_previews on call (account_id, api) where api <> 'preview';
create index calls_newest on call (started_at);

-- A call without an answer is in flight, or its run died.
create table answer (
  run          bigint      not null,
  id           bigint      not null,
  outcome      text        not null check (outcome in
    ('delivered', 'refused', 'try again', 'unreachable', 'limited', 'quota', 'token refused', 'parked', 'unknown')),
  took_ms      integer,                            -- by the clock of the run that sent it
  http_status  integer,
  code         integer,
  message      text,
  log_id       text,
  sent_bytes   integer,
  answer_bytes integer,
  ended_at     timestamptz not null default clock_timestamp(),
  xact         xid8        not null default pg_current_xact_id(),
  primary key (run, id, ended_at)
) partition by range (ended_at);
create index answers_since_a_snapshot on answer (xact);

-- Whom an ask still has to reach, if a part of its audience was reached by an earlier call.
create table remainder (
  ask_id       bigint not null,
  still_wanted text   not null,                    -- a JSON list of open_ids
  xact         xid8   not null default pg_current_xact_id(),
  primary key (ask_id, xact)
);

-- Lanes that are not as new: what their next holder has to know. The body belongs to the worker. Views read of it:
-- attempts, error, waits_for (backoff, isolation), ready_at (server time) and result. A card's batch that is being
-- sent is here before it is first sent; a key's says which of its previews were refreshed.
create table note (
  account_id integer not null references account,
  kind       text    collate "C" not null references kind,
  lane       text    collate "C" not null,
  -- A URL of 2,048 characters is longer than what fits into an index.
  lane_hash  text    collate "C" not null generated always as (md5(lane)) stored,
  body       jsonb   not null check (jsonb_typeof(body) = 'object'),
  written_at timestamptz not null default clock_timestamp(),
  primary key (account_id, kind, lane_hash)
);

-- A channel: an account and the API it calls. Times are server time, for people and for the next holder's first
-- minutes; no promise rests on them.
create table budget (
  account_id   integer not null references account,
  api          text    collate "C" not null,       -- the name of a kind, or auth
  paused_until timestamptz,
  paused_why   text,
  paused_for   text    not null default 'paused' check (paused_for in ('paused', 'quota', 'credentials')),
  opening      jsonb   not null default '{}' check (jsonb_typeof(opening) = 'object'),  -- reason: when it ends, or null
  month        integer not null default 0,         -- counted from January 1970, Beijing time
  month_calls  integer not null default 0,
  refused_mark integer check (refused_mark between 0 and 65535),
  memory       jsonb   not null default '{}' check (jsonb_typeof(memory) = 'object'),   -- failures; the worker's
  primary key (account_id, api)
) with (fillfactor = 50);

-- What a person says to the holder of an account. It is pulled like an ask.
create table word (
  id      bigint generated always as identity primary key,
  account text   collate "C" not null,
  what    text   not null check (what in ('cancel', 'retry', 'resume')),
  kind    text,
  lane    text,
  ask_id  bigint,
  said_at timestamptz not null default clock_timestamp(),
  xact    xid8   not null default pg_current_xact_id()
);
create index words_since_a_snapshot on word (xact);

-- Looks of a boot, one for each 1.5 s of the last minute and a half. A process that starts on the same boot goes on from them, on the clock of that boot,
-- instead of waiting as if it knew nothing.
create table look (
  boot     text    not null,
  place    integer not null check (place between 0 and 63),
  boot_ms  bigint  not null,
  snapshot text    not null,
  -- Another start of the server may be another server, on which the same numbers of transactions mean others.
  server   timestamptz not null default pg_postmaster_start_time(),
  primary key (boot, place)
) with (fillfactor = 50);

create table span (
  id         bigint  generated always as identity primary key,
  what       text    not null check (what in ('pause', 'parking')),
  account_id integer not null references account,
  api        text,
  reason     text,
  why        text,
  began_at   timestamptz not null default clock_timestamp(),
  ended_at   timestamptz,
  check ((api is null) = (what <> 'pause'))
);
create index spans_open on span (account_id) where ended_at is null;

-- What was seen: the registry. Days and not moments, because a sighting that is repeated must not write anything.
create table known_key (
  id      bigint  generated always as identity primary key,
  account text    collate "C" not null,
  name    text    collate "C" not null,
  asks    bigint  not null default 0,
  dropped bigint  not null default 0,
  unique (account, name)
);
create table known_token (
  id       bigint  generated always as identity primary key,
  account  text    collate "C" not null,
  name     text    collate "C" not null,
  url      text    collate "C",
  chat     text    collate "C",
  seen_day integer not null,
  unique (account, name)
);
-- Of the hash: a URL of 2,048 characters is longer than what fits into an index.
create index tokens_of_a_url on known_token (account, md5(url)) where url is not null;
create table tag (
  key_id   bigint  not null references known_key,
  token_id bigint  not null references known_token,
  seen_day integer not null,
  primary key (key_id, token_id)
);
create index keys_of_a_token on tag (token_id);
create table viewer (
  token_id bigint  not null references known_token,
  open_id  text    collate "C" not null,
  seen_day integer not null,
  primary key (token_id, open_id)
);
create index previews_of_a_viewer on viewer (open_id);

create table tally (
  figure text   primary key,
  value  bigint not null default 0
);
insert into tally (figure) values ('previews refused');

-- Partitions are made ahead of time. If nobody has called upkeep() for long, rows go to the default partitions: an
-- ask is never refused because of a partition that is missing.
create table asked_rest  partition of asked  default;
create table ended_rest  partition of ended  default;
create table call_rest   partition of call   default;
create table answer_rest partition of answer default;

-- Makes the next partitions and drops those whose time is over: calls and answers after seven days; asks once every
-- ask in the partition has ended, none of them is dead, and the newest ended seven days ago. It is called by workers
-- once an hour, and by `larkspur init`. It runs with its owner's rights, so that a worker needs no right to create
-- or drop tables. Returns what it did.
create function upkeep(asks_in_one bigint default 10000000) returns setof text
language plpgsql security definer set search_path = larkspur, pg_temp set timezone = 'UTC' as $$
declare
  newest bigint;
  old record;
  part text;
  day date := clock_timestamp()::date;
begin
  -- One at a time; the others have nothing to do.
  if not pg_try_advisory_xact_lock(hashtext('larkspur upkeep')) then return; end if;

  select last_value into newest from ask_number;
  for number in newest / asks_in_one .. newest / asks_in_one + 1 loop
    part := 'asked_' || number;
    -- Rows that went to the default partition stay there: a partition for them could not be attached.
    continue when to_regclass(part) is not null
      or exists (
        select from asked_rest where id >= number * asks_in_one and id < (number + 1) * asks_in_one)
      or exists (
        select from ended_rest where ask_id >= number * asks_in_one and ask_id < (number + 1) * asks_in_one);
    execute format('create table %I partition of asked for values from (%s) to (%s)',
      part, number * asks_in_one, (number + 1) * asks_in_one);
    execute format('create table %I partition of ended for values from (%s) to (%s)',
      'ended_' || number, number * asks_in_one, (number + 1) * asks_in_one);
    return next 'created ' || part;
  end loop;

  for number in 0 .. 2 loop
    part := to_char(day + number, '"call_"YYYYMMDD');
    continue when to_regclass(part) is not null
      or exists (select from call_rest where started_at >= day + number and started_at < day + number + 1);
    execute format('create table %I partition of call for values from (%L) to (%L)',
      part, day + number, day + number + 1);
    return next 'created ' || part;
  end loop;
  for number in 0 .. 2 loop
    part := to_char(day + number, '"answer_"YYYYMMDD');
    continue when to_regclass(part) is not null
      or exists (select from answer_rest where ended_at >= day + number and ended_at < day + number + 1);
    execute format('create table %I partition of answer for values from (%L) to (%L)',
      part, day + number, day + number + 1);
    return next 'created ' || part;
  end loop;

  for old in
    select relname from pg_class
    where relnamespace = 'larkspur'::regnamespace and relkind = 'r' and relname ~ '^(call|answer)_[0-9]{8}$'
      and to_date(right(relname, 8), 'YYYYMMDD') < day - 7
  loop
    execute format('drop table %I', old.relname);
    return next 'dropped ' || old.relname;
  end loop;

  for old in
    select substr(relname, 7)::bigint as number from pg_class
    where relnamespace = 'larkspur'::regnamespace and relkind = 'r' and relname ~ '^asked_[0-9]+$'
      and (substr(relname, 7)::bigint + 1) * asks_in_one <= newest
    order by 1
  loop
    execute format(
      'select %L from (select) as one where not exists (
         select from %I as asked left join %I as ended on ended.ask_id = asked.id
         where ended.ask_id is null or ended.outcome = ''dead'' or ended.ended_at > clock_timestamp() - interval ''7 days'')',
      'asked_' || old.number, 'asked_' || old.number, 'ended_' || old.number) into part;
    continue when part is null;
    execute format('drop table %I, %I', 'asked_' || old.number, 'ended_' || old.number);
    return next 'dropped ' || part;
  end loop;

  delete from word where said_at < clock_timestamp() - interval '7 days';
  -- A card lives for two weeks, and its lane remembers its sequence for as long.
  delete from note where written_at < clock_timestamp() - interval '21 days';
  delete from span where ended_at < clock_timestamp() - interval '7 days';
  delete from remainder where exists (select from ended where ended.ask_id = remainder.ask_id)
    or not exists (select from asked where asked.id = remainder.ask_id);
  -- Its calls are gone by then as well.
  delete from run where gone_at < clock_timestamp() - interval '9 days'
    and not exists (select from account where holder = run.id);
end $$;

select upkeep();
insert into schema_version (version, works_with) values (1, 1);
