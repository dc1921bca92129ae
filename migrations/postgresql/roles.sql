-- The three roles, and what each may do. Applied after every migration, and may be applied again at any time.
-- Roles belong to the server and not to one database, so several queues on one server share them. They cannot log
-- in; the programs' own users are made members:
--
--   grant larkspur_ask to my_backend;
--
-- larkspur_ask   inserts asks and sightings, and reads how an ask ended; it sees no body of an ask
-- larkspur_look  reads all views, and writes nothing
-- larkspur_work  does all that the protocol needs; it cannot create, change or drop tables

do $$
declare
  role text;
begin
  foreach role in array array['larkspur_ask', 'larkspur_look', 'larkspur_work'] loop
    if not exists (select from pg_roles where rolname = role) then
      execute format('create role %I nologin', role);
    end if;
  end loop;
end $$;

-- From nothing, so that this file alone says what is granted. Functions are everybody's to call unless that is taken
-- away, and some here run with their owner's rights.
revoke all on schema larkspur from public;
revoke all on all tables in schema larkspur from public, larkspur_ask, larkspur_look, larkspur_work;
revoke all on all sequences in schema larkspur from public, larkspur_ask, larkspur_look, larkspur_work;
revoke all on all functions in schema larkspur from public, larkspur_ask, larkspur_look, larkspur_work;

grant usage on schema larkspur to larkspur_ask, larkspur_look, larkspur_work;

grant insert on larkspur.ask, larkspur.sighting to larkspur_ask;
-- All columns but the body.
grant select (id, account, kind, lane, urgent, after_ms, expires_in_ms, asked_ms, outcome, reason, refused, ended_ms)
  on larkspur.ask to larkspur_ask;
-- `INSERT … RETURNING` reads what it has just inserted.
grant select on larkspur.sighting to larkspur_ask;
grant select on larkspur.schema_version to larkspur_ask, larkspur_look, larkspur_work;

grant select on larkspur.queue, larkspur.ready, larkspur.in_flight, larkspur.dead, larkspur.idle,
  larkspur.recent_calls, larkspur.workers, larkspur.accounts, larkspur.budgets, larkspur.spans, larkspur.latency,
  larkspur.stats, larkspur.previews, larkspur.keys, larkspur.open_lane, larkspur.ask, larkspur.sighting
  to larkspur_look, larkspur_work;
-- Views read tables with their owner's rights, and functions with the reader's.
grant execute on function larkspur.shown(timestamptz), larkspur.shown_end(timestamptz), larkspur.moment_of(bigint),
  larkspur.ms_of(timestamptz), larkspur.audience_of(text, bigint), larkspur.field(json, text), larkspur.quota_month() to larkspur_look, larkspur_work;

grant execute on function larkspur.standing(text, text, integer), larkspur.in_flight_of(bigint[]),
  larkspur.has_worker(), larkspur.is_unconfigured(text) to larkspur_ask, larkspur_look;
grant execute on function larkspur.outlook(text[], text), larkspur.paces(text[]) to larkspur_look;

grant insert, delete on larkspur.ask to larkspur_work;
grant insert on larkspur.sighting to larkspur_work;
grant select, insert, update on larkspur.run, larkspur.account, larkspur.budget, larkspur.look, larkspur.span,
  larkspur.known_key, larkspur.known_token, larkspur.tally to larkspur_work;
grant select, insert on larkspur.call, larkspur.answer, larkspur.word to larkspur_work;
grant select, insert, update on larkspur.remainder to larkspur_work;
grant select, insert, update, delete on larkspur.note to larkspur_work;
-- Deleting: a retry opens what has ended; a token that Feishu refuses is forgotten.
grant select, insert, delete on larkspur.ended to larkspur_work;
grant delete on larkspur.known_key, larkspur.known_token to larkspur_work;
grant select, insert, update, delete on larkspur.tag, larkspur.viewer to larkspur_work;
-- asked is written through the view alone, so that no ask is stored unchecked, and nobody changes one.
grant select on larkspur.asked, larkspur.kind, larkspur.open_ask, larkspur.under_way to larkspur_work;
grant usage, select on all sequences in schema larkspur to larkspur_work;
grant execute on all functions in schema larkspur to larkspur_work;
