-- The protocol between the workers. Every function is one message of the client and one transaction; nothing here
-- needs the state of a session, so all of it works through a pooler.
--
-- Isolation has to be READ COMMITTED, PostgreSQL's default: an update that waited for a lock then sees the row as it
-- is, not as it was when the statement began. Under a stricter level such a turn fails, which is safe, but useless.
--
-- Errors that a worker tells apart:
--   LK001  this run was declared gone; it has to begin again as a new run
--   LK002  a turn names an account that this run does not hold
--   LK003  this turn, or a later one, was written already

set local search_path = larkspur;

-- The fence. Every function in which a run writes begins with it. It locks the row of the run until the transaction
-- ends, so declaring the run gone waits for the turn, or the turn waits and finds the run gone. Without `not gone` a
-- worker that was stopped or cut off would write, and send, beside its heir.
-- A beat is never written twice, so a message that arrives a second time does nothing.
create function fence(
  me bigint, n bigint, asleep boolean, settled bigint default null, is_turn boolean default false) returns void
language plpgsql set search_path = larkspur, pg_temp as $$
begin
  update run set beat = n, seen_at = clock_timestamp(), sleeps = asleep,
    settled = greatest(run.settled, fence.settled), turned = case when is_turn then n else turned end
  where id = me and not gone and beat < n;
  if found then return; end if;
  if exists (select from run where id = me and not gone) then
    raise exception using errcode = 'LK003', message = format('turn %s of run %s was written already', n, me);
  end if;
  raise exception using errcode = 'LK001', message = format('run %s was declared gone', me);
end $$;

-- What became of the turns of a run whose connection broke: the number of the last one that was written, or null if the
-- run was declared gone. A turn with a lower number than n that is still on its way is refused from now on, so the answer
-- stays true. It is not told from the beat, for this function beats as well, and its own reply may be lost.
create function last_turn(me bigint, n bigint) returns bigint
language plpgsql set search_path = larkspur, pg_temp as $$
declare
  was bigint;
begin
  select turned into was from run where id = me and not gone for update;
  if not found then return null; end if;
  update run set beat = n where id = me and beat < n;
  return was;
end $$;

create function join_queue(name text, boot text, knows integer) returns bigint
language plpgsql set search_path = larkspur, pg_temp as $$
declare
  me bigint;
begin
  if knows < (select works_with from schema_version order by version desc limit 1) then
    raise exception 'the schema of this shared queue is newer than this program: use Larkspur''s newer version';
  end if;
  insert into run (name, boot, knows) values (join_queue.name, join_queue.boot, join_queue.knows)
  returning id into me;
  return me;
end $$;

-- In good order: the run has settled its calls, and nothing of it has to be waited for.
create function leave_queue(me bigint, n bigint, how text default 'ended') returns void
language plpgsql set search_path = larkspur, pg_temp as $$
begin
  perform fence(me, n, false);
  update account set holder = null where holder = me;
  update run set gone = true, gone_at = clock_timestamp(), ended_how = how where id = me;
end $$;

-- What a look brings, several times a second: what is committed by now, and who else is here.
--
-- newest_ask is read before this transaction has a number. An ask takes its number after its transaction has one. So
-- every ask up to newest_ask belongs to a transaction below `xact`, and once a snapshot has its xmin there, no ask up
-- to newest_ask can appear any more. (The snapshot's own xmax would be too low: it is where the last transaction
-- ended, and one with a higher number may be under way.)
--
-- A run that sleeps does not beat until something is asked for. `asked` says of such a run whether something was, since
-- the snapshot `since` of the look before: if it does not wake up then, it is gone.
--
-- `lost` says that the session of a run has ended, which the server knows milliseconds after its process was killed. It
-- is only a hint, for a run opens another session when one breaks. `direct` says whether the session is the run's own.
create function look(
  me bigint, n bigint, asleep boolean, since text default null, boot text default null, boot_ms bigint default null,
  direct boolean default false, out newest_ask bigint, out xact xid8, out snapshot text, out runs json, out server_started timestamptz)
language plpgsql set search_path = larkspur, pg_temp as $$
begin
  select last_value into newest_ask from ask_number;
  perform fence(me, n, asleep);
  update run set backend = case when direct then pg_backend_pid() end
  where id = me and backend is distinct from case when direct then pg_backend_pid() end;
  xact := pg_current_xact_id();
  snapshot := pg_current_snapshot()::text;
  -- Those that live, and those that still hold accounts for others to take.
  select json_agg(json_build_object('id', run.id, 'name', run.name, 'beat', run.beat, 'sleeps', run.sleeps,
    'gone', run.gone, 'lost', run.backend is not null
      and not exists (select from pg_stat_get_activity(run.backend)), 'asked', run.sleeps and since is not null and exists (
      select from asked join account on account.name = asked.account and account.holder = run.id
      where asked.xact >= pg_snapshot_xmin(since::pg_snapshot)
        and not pg_visible_in_snapshot(asked.xact, since::pg_snapshot))) order by run.id)
  into runs
  from run where not run.gone or exists (select from account where holder = run.id);
  -- Another start of the server may be another server, which has lost the last turns.
  server_started := pg_postmaster_start_time();
  if boot is not null and boot_ms is not null then
    insert into look values (look.boot, look.boot_ms / 1500 % 64, look.boot_ms, look.snapshot)
    on conflict on constraint look_pkey do update set boot_ms = excluded.boot_ms, snapshot = excluded.snapshot,
      server = excluded.server;
  end if;
end $$;

-- What one pass of a worker's loop has decided, in one message. Nothing of it is sent to Feishu before this is
-- acknowledged. `doing` is JSON, because programs of two versions run side by side: a list or field that the schema
-- does not know is ignored, and one that the program does not know is null.
--
--   claims      [{"id", "account", "api", "lanes", "people", "urgent"}]      calls that are about to be sent
--   answers     [{"id", "outcome", "took_ms", "http_status", "code", "message", "log_id", "run"}]
--               run: only of a call that a dead run left behind
--   ends        [{"asks": [1, 2], "outcome", "reason", "refused", "run", "call"}]
--   remainders  [{"ask", "still_wanted"}]
--   notes       [{"account", "kind", "lane", "body"}]                        without a body: the lane is as new;
--                                                                            ready_ms: how long it still waits
--   budgets     [{"account", "api", "paused_ms", …}]                         the columns of the table; how long it
--                                                                            is still paused, by no clock
--   accounts    [{"account", "parked", "parked_why", "probe_ms", "refusals"}]
--   spans       [{"account", "what", "api", "reason", "why", "ended_at"}]    one that is open is closed
--   floors      [{"account", "open_from", "as_of"}]                          as_of: the xact of the look whose
--                                                                            newest_ask is the bound
--   lets_go     ["account"]
--   settled     5                                                            every call up to this number has an
--                                                                            answer, with this turn's
create function turn(me bigint, n bigint, doing json) returns void
language plpgsql set search_path = larkspur, pg_temp as $$
declare
  held integer;
begin
  perform fence(me, n, false, (doing ->> 'settled')::bigint, true);

  insert into answer (run, id, outcome, took_ms, http_status, code, message, log_id, sent_bytes, answer_bytes)
  select coalesce(a.run, me), a.id, a.outcome, a.took_ms, a.http_status, a.code, a.message, a.log_id, a.sent_bytes,
    a.answer_bytes
  from json_to_recordset(doing -> 'answers') as a (
    run bigint, id bigint, outcome text, took_ms integer, http_status integer, code integer, message text,
    log_id text, sent_bytes integer, answer_bytes integer)
  where a.run is null
    or not exists (select from answer as known where known.run = a.run and known.id = a.id);

  -- A person may have cancelled the ask in between: the first end stays.
  insert into ended (ask_id, outcome, reason, refused, call_run, call_id)
  select ask, e.outcome, e.reason, e.refused, case when e.call is not null then coalesce(e.run, me) end, e.call
  from json_to_recordset(doing -> 'ends') as e (
    asks bigint[], outcome text, reason text, refused text, run bigint, call bigint),
    unnest(e.asks) as ask
  on conflict (ask_id) do nothing;

  insert into call (run, id, account_id, api, lanes, people, urgent)
  select me, c.id, c.account_id, c.api, coalesce(c.lanes, ''), c.people, coalesce(c.urgent, 0)
  from (
    select *, (select account.id from account where account.name = c.account and account.holder = me) as account_id
    from json_to_recordset(doing -> 'claims') as c (
      id bigint, account text, api text, lanes text, people integer, urgent integer)) as c
  where c.account_id is not null;
  get diagnostics held = row_count;
  -- Calls for accounts of others are left out above. A turn that lost some of its claims this way would send them all the
  -- same, so it is refused whole.
  if held <> coalesce(json_array_length(doing -> 'claims'), 0) then
    raise exception using errcode = 'LK002', message = format('run %s does not hold every account it claims calls for', me);
  end if;

  -- The rest is rare.
  if doing -> 'remainders' is not null then
    insert into remainder (ask_id, still_wanted)
    select r.ask, r.still_wanted
    from json_to_recordset(doing -> 'remainders') as r (ask bigint, still_wanted text)
    on conflict (ask_id, xact) do update set still_wanted = excluded.still_wanted;
  end if;

  if doing -> 'notes' is not null then
    delete from note
    using json_to_recordset(doing -> 'notes') as n (account text, kind text, lane text, body jsonb)
    join account on account.name = n.account and account.holder = me
    where n.body is null and note.account_id = account.id and note.kind = n.kind and note.lane_hash = md5(n.lane);
    insert into note (account_id, kind, lane, body)
    select account.id, n.kind, n.lane,
      (n.body - 'ready_ms') || jsonb_build_object(
        'ready_at', clock_timestamp() + (n.body ->> 'ready_ms')::bigint * interval '1 ms')
    from json_to_recordset(doing -> 'notes') as n (account text, kind text, lane text, body jsonb)
    join account on account.name = n.account and account.holder = me
    where n.body is not null
    on conflict (account_id, kind, lane_hash) do update set body = excluded.body, written_at = excluded.written_at;
  end if;

  if doing -> 'budgets' is not null then
    insert into budget (account_id, api, paused_until, paused_why, paused_for, opening, month, month_calls,
      refused_mark, memory)
    select account.id, b.api, clock_timestamp() + nullif(b.paused_ms, 0) * interval '1 ms', b.paused_why,
      coalesce(b.paused_for, 'paused'),
      (select coalesce(jsonb_object_agg(key, clock_timestamp() + (value #>> '{}')::bigint * interval '1 ms'), '{}')
        from jsonb_each(b.opening)),
      coalesce(b.month, 0), coalesce(b.month_calls, 0), b.refused_mark,
      coalesce(b.memory, '{}')
    from json_to_recordset(doing -> 'budgets') as b (
      account text, api text, paused_ms bigint, paused_why text, paused_for text, opening jsonb,
      month integer, month_calls integer, refused_mark integer, memory jsonb)
    join account on account.name = b.account and account.holder = me
    on conflict (account_id, api) do update set paused_until = excluded.paused_until,
      paused_why = excluded.paused_why, paused_for = excluded.paused_for, opening = excluded.opening,
      month = excluded.month, month_calls = excluded.month_calls, refused_mark = excluded.refused_mark,
      memory = excluded.memory;
  end if;

  if doing -> 'accounts' is not null then
    update account set parked = a.parked, parked_why = a.parked_why,
      probe_at = case when a.parked is not null then clock_timestamp() + a.probe_ms * interval '1 ms' end,
      refusals = coalesce(a.refusals, 0), configured = coalesce(a.configured, account.configured),
      limits = coalesce(a.limits, account.limits)
    from json_to_recordset(doing -> 'accounts') as a (
      account text, parked text, parked_why text, probe_ms bigint, refusals integer, configured integer, limits jsonb)
    where account.name = a.account and account.holder = me;
  end if;

  if doing -> 'spans' is not null then
    update span set ended_at = clock_timestamp()
    from json_to_recordset(doing -> 'spans') as s (account text, what text, api text)
    join account on account.name = s.account and account.holder = me
    where span.account_id = account.id and span.what = s.what and span.api is not distinct from s.api
      and span.ended_at is null;
    insert into span (what, account_id, api, reason, why, ended_at)
    select s.what, account.id, s.api, s.reason, s.why, s.ended_at
    from json_to_recordset(doing -> 'spans') as s (
      account text, what text, api text, reason text, why text, ended_at timestamptz)
    join account on account.name = s.account and account.holder = me
    where s.reason is not null;
  end if;

  if doing -> 'floors' is not null then
    -- A retry opens an ask that may be below the bound. Without the lock, one that is committed meanwhile would not be
    -- seen by the statement below.
    perform from account join json_to_recordset(doing -> 'floors') as f (account text) on account.name = f.account
    where account.holder = me order by account.id for no key update of account;
    -- An ask with a low number may be committed late. Until every transaction is over that can have taken a number
    -- up to the bound, an heir that began above it would lose such an ask.
    update account set open_from = f.open_from
    from json_to_recordset(doing -> 'floors') as f (account text, open_from bigint, as_of text)
    where account.name = f.account and account.holder = me and f.open_from > account.open_from
      and pg_snapshot_xmin(pg_current_snapshot()) >= f.as_of::xid8
      and not exists (
        select from asked
        where asked.account = account.name and asked.id >= account.open_from and asked.id < f.open_from
          and (select ended.ask_id from ended where ended.ask_id = asked.id) is null);
  end if;

  if doing -> 'lets_go' is not null then
    update account set holder = null
    where holder = me and name in (select json_array_elements_text(doing -> 'lets_go'));
  end if;
end $$;

-- Takes accounts that nobody holds, or whose holder is gone, and returns those it got. Accounts that nobody has seen
-- yet are made. Those it holds are returned as well: the reply to an earlier message may have been lost.
create function take(me bigint, n bigint, names text[]) returns setof account
language plpgsql set search_path = larkspur, pg_temp as $$
begin
  perform fence(me, n, false);
  insert into account (name)
  select wanted.name from unnest(names) as wanted (name)
  where not exists (select from account where account.name = wanted.name)
  order by wanted.name on conflict (name) do nothing;
  -- In one order for all, or two runs that take the same accounts would wait for each other.
  perform from account where name = any(names) order by id for no key update;
  return query
    update account set holder = me
    where name = any(names)
      and (holder is null or holder = me or exists (select from run where run.id = account.holder and run.gone))
    returning account.*;
end $$;

-- Declares a run gone and takes those of its accounts that are this run's share. `seen_beat` is its beat as this run
-- saw it stand still: a run that has gone on since is left alone. Returns no rows then, too.
-- It is a guess that may be wrong: a run that lives and is declared gone loses its accounts and begins again.
create function take_over(me bigint, n bigint, dead bigint, seen_beat bigint, names text[]) returns setof account
language plpgsql set search_path = larkspur, pg_temp as $$
begin
  -- In the order of the numbers: two runs that declare each other gone would otherwise wait for each other. A turn of
  -- `dead` that is under way is waited for, and counts.
  perform from run where id in (me, dead) order by id for no key update;
  perform fence(me, n, false);
  update run set gone = true, gone_at = clock_timestamp(), ended_how = 'died', sleeps = false
  where id = dead and not gone and (seen_beat is null or beat = seen_beat);
  if not exists (select from run where id = dead and gone) then return; end if;
  perform from account where holder = dead and name = any(names) order by id for no key update;
  return query update account set holder = me where holder = dead and name = any(names) returning account.*;
end $$;

-- Asks for this run: for accounts in `taken` all that are open, for the others it holds what was committed since the
-- snapshot `since`. All of it is one statement and so one snapshot, which is the next `since`; there is always a
-- row that carries it.
--
-- A cursor on ids would lose every ask that is committed after one with a higher id was read.
-- `beyond` only makes it faster: no ask up to this number can appear any more after `since`, see look().
--
-- It is called many times a second and mostly finds nothing, so it must look at nothing else. One plan serves all
-- calls; it is made as if a third of all asks were new, so it is kept from reading tables whole (subqueries that
-- return one value are looked up row by row) and from being compiled, which takes 100 times as long as it runs.
create function pull(me bigint, since text, taken text[] default '{}', beyond bigint default 0)
returns table (
  snapshot text, id bigint, account text, kind text, lane text, body text, after_ms bigint, expires_in_ms bigint,
  urgent integer, asked_ms bigint, still_wanted text)
language plpgsql stable set search_path = larkspur, pg_temp set enable_seqscan = off
  set plan_cache_mode = force_generic_plan set jit = off as $$
begin
  return query
    select pg_current_snapshot()::text, asked.id, asked.account, asked.kind, asked.lane, asked.body, asked.after_ms,
      asked.expires_in_ms, asked.urgent, asked.asked_ms,
      (select remainder.still_wanted from remainder where remainder.ask_id = asked.id order by xact desc limit 1)
    from (select) as one
    left join (
      select fresh.*
      from asked as fresh
      where since is not null
        and fresh.xact >= pg_snapshot_xmin(since::pg_snapshot) and fresh.id > beyond
        and not pg_visible_in_snapshot(fresh.xact, since::pg_snapshot)
        -- After a restore from a dump numbers of transactions may lie ahead of the server's.
        and pg_visible_in_snapshot(fresh.xact, pg_current_snapshot())
        and (select known.holder from account as known where known.name = fresh.account) = me
        and not fresh.account = any(taken)
        and (select ended.ask_id from ended where ended.ask_id = fresh.id) is null
      union all
      select open.*
      from account as known
      cross join lateral (
        select * from asked where asked.account = known.name and asked.id >= known.open_from
          and (select ended.ask_id from ended where ended.ask_id = asked.id) is null
        offset 0) as open
      where known.name = any(taken) and known.holder = me
    ) as asked on true
    order by asked.id;
end $$;

-- What people said since a snapshot. It keeps a snapshot of its own.
create function hear(me bigint, since text)
returns table (snapshot text, id bigint, account text, what text, kind text, lane text, ask_id bigint)
language sql stable set search_path = larkspur, pg_temp as $$
  select pg_current_snapshot()::text, word.id, word.account, word.what, word.kind, word.lane, word.ask_id
  from (select) as one
  left join (
    select word.* from word join account on account.name = word.account and account.holder = me
    where word.xact >= pg_snapshot_xmin(since::pg_snapshot)
      and not pg_visible_in_snapshot(word.xact, since::pg_snapshot)
      and pg_visible_in_snapshot(word.xact, pg_current_snapshot())) as word on true
  order by word.id
$$;

-- Calls an heir has to reckon with: those without an answer, and those that were not over in its oldest look, which
-- is null if it has not looked on. It dates them by its own looks. No time of the server is compared: it may be set.
create function inherit(names text[], oldest_look text)
returns table (run bigint, id bigint, account text, api text, lanes text, people integer, xact xid8, answered xid8)
language sql stable set search_path = larkspur, pg_temp set enable_seqscan = off as $$
  select call.run, call.id, account.name, call.api, call.lanes, call.people, call.xact, null::xid8
  from run
  -- The few above `settled`, instead of seven days of calls.
  join call on call.run = run.id and call.id > run.settled
  join account on account.id = call.account_id
  where account.name = any(names)
    -- One of several heirs may have given it an end, or two at once.
    and (select answer.id from answer where answer.run = call.run and answer.id = call.id limit 1) is null
  union all
  select call.run, call.id, account.name, call.api, call.lanes, call.people, call.xact, answer.xact
  from answer
  join call on call.run = answer.run and call.id = answer.id
  join account on account.id = call.account_id
  where account.name = any(names) and answer.xact >= pg_snapshot_xmin(oldest_look::pg_snapshot)
    and not pg_visible_in_snapshot(answer.xact, oldest_look::pg_snapshot)
  order by 1, 2
$$;

create function ms_until(moment timestamptz) returns bigint
language sql stable as $$
  select greatest(extract(epoch from moment - clock_timestamp()) * 1000, 0)::bigint
$$;

-- What an heir has to know of accounts beyond their calls and asks. Spans and not moments: its clock is another.
create function remembered(names text[]) returns json
language sql stable set search_path = larkspur, pg_temp as $$
  select json_build_object(
    'accounts', (
      select coalesce(json_agg(json_build_object(
        'account', name, 'parked', parked, 'parked_why', parked_why, 'probe_ms', ms_until(probe_at),
        'refusals', refusals)), '[]')
      from account where name = any(names) and (parked is not null or refusals > 0)),
    'budgets', (
      select coalesce(json_agg(json_build_object(
        'account', account.name, 'api', api, 'paused_ms', ms_until(paused_until), 'paused_why', paused_why,
        'paused_for', paused_for, 'month', month, 'month_calls', month_calls, 'refused_mark', refused_mark,
        'memory', memory)), '[]')
      from budget join account on account.id = budget.account_id where account.name = any(names)),
    'notes', (
      select coalesce(json_agg(json_build_object(
        'account', account.name, 'kind', kind, 'lane', lane,
        'body', body || jsonb_build_object('ready_ms', ms_until((body ->> 'ready_at')::timestamptz)))), '[]')
      from note join account on account.id = note.account_id where account.name = any(names)))
$$;

-- The previews that asks by key or URL stand for, with their viewers: [{"account", "kind", "name"}].
create function registered(wanted json) returns json
language sql stable set search_path = larkspur, pg_temp as $$
  select coalesce(json_agg(json_build_object('account', w.account, 'kind', w.kind, 'name', w.name, 'previews', (
    select coalesce(json_agg(json_build_object(
      'token', preview.name, 'url', url, 'chat', chat, 'seen_day', seen_day, 'tag_day', tag_day, 'viewers', (
        select coalesce(json_agg(json_build_array(open_id, viewer.seen_day)), '[]')
        from viewer where token_id = preview.id))), '[]')
    from (
      select known_token.*, tag.seen_day as tag_day
      from known_key join tag on tag.key_id = known_key.id join known_token on known_token.id = tag.token_id
      where w.kind = 'key' and known_key.account = w.account and known_key.name = w.name
      union all
      select known_token.*, null
      from known_token
      where w.kind = 'url' and known_token.account = w.account and md5(url) = md5(w.name) and url = w.name
    ) as preview))), '[]')
  from json_to_recordset(wanted) as w (account text, kind text, name text)
$$;

-- Those of these channels that have made a call, as far as the history goes: [{"account", "api"}].
create function have_called(channels json) returns table (account text, api text)
language sql stable set search_path = larkspur, pg_temp as $$
  select channel.account, channel.api
  from json_to_recordset(channels) as channel (account text, api text)
  join account on account.name = channel.account
  where exists (
    select from call where call.account_id = account.id and call.api = channel.api and call.api <> 'preview')
    or channel.api = 'preview' and exists (
      select from call where call.account_id = account.id and call.api = 'preview')
$$;

-- Opens dead asks again, and tells their holder.
create function retry(asks bigint[]) returns bigint
language plpgsql set search_path = larkspur, pg_temp as $$
declare
  opened bigint[];
begin
  with gone as (
    delete from ended where ask_id = any(asks) and outcome = 'dead' returning ask_id)
  select array_agg(ask_id) into opened from gone;
  -- An heir begins here, so the asks must not be below it.
  update account set open_from = least(account.open_from, reopened.lowest)
  from (select asked.account, min(asked.id) as lowest from asked where id = any(opened) group by 1) as reopened
  where account.name = reopened.account;
  insert into word (account, what, kind, lane, ask_id)
  select account, 'retry', kind, lane, id from asked where id = any(opened) order by id;
  perform wake(account) from (select distinct account from asked where id = any(opened)) as heard;
  return coalesce(cardinality(opened), 0);
end $$;

-- A person has fixed what an account was parked or paused for. False if there is no such account.
create function resume(name text) returns boolean
language plpgsql set search_path = larkspur, pg_temp as $$
declare
  found_id integer;
begin
  update account set parked = null, parked_why = null, probe_at = null, refusals = 0
  where account.name = resume.name returning id into found_id;
  if found_id is null then return false; end if;
  update budget set paused_until = null, paused_why = null, paused_for = 'paused', opening = '{}', refused_mark = null,
    memory = memory - array['failures', 'probes', 'foreign_ms', 'spent_month']
  where account_id = found_id;
  update span set ended_at = clock_timestamp() where account_id = found_id and ended_at is null;
  insert into word (account, what) values (resume.name, 'resume');
  perform wake(resume.name);
  return true;
end $$;

-- Asks by their numbers, as pull() returns them; those that have ended are left out.
create function pull_again(me bigint, asks bigint[])
returns table (
  id bigint, account text, kind text, lane text, body text, after_ms bigint, expires_in_ms bigint, urgent integer,
  asked_ms bigint)
language sql stable set search_path = larkspur, pg_temp as $$
  select asked.id, asked.account, asked.kind, asked.lane, asked.body, asked.after_ms, asked.expires_in_ms,
    asked.urgent, asked.asked_ms
  from asked join account on account.name = asked.account and account.holder = me
  where asked.id = any(asks) and (select ended.ask_id from ended where ended.ask_id = asked.id) is null
  order by asked.id
$$;

insert into schema_version (version, works_with) values (4, 4);
