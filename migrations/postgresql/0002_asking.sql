-- The view `ask`: what programs insert into, and where they read how an ask ended. Its columns, defaults, rules and
-- sentences are those of the SQLite queue. Tests/Shared feeds the same rows to both.
--
-- The rules are functions that return the sentence of the first rule a value breaks, or null.

set local search_path = larkspur;

-- JSON is checked as it is spelt. PostgreSQL cannot decode every string that JSON allows (\u0000, half of a surrogate
-- pair), and fails as soon as it meets one. So every escape sequence is marked first: the backslash becomes U+E000,
-- and what would end or hide a string becomes a letter. The result is JSON without escape sequences. Keys that are
-- spelt with escapes differ from the same keys spelt plainly, as they do for SQLite's paths.
create function spelt(body text) returns text language plpgsql immutable strict parallel safe as $$
begin
  if position('\' in body) = 0 then return body; end if;
  return replace(replace(replace(replace(body, U&'\E000', U&'\E001'),
    '\\', U&'\E000' || 'B'), '\"', U&'\E000' || 'Q'), '\', U&'\E000');
end $$;

-- A string of such JSON as SQLite reads it: up to the first \u0000. Characters above U+FFFF that were escaped are one
-- U+E002 each and halves of one U+E003, because only their number matters here.
create function decoded(string text) returns text language plpgsql immutable strict parallel safe as $$
declare
  rest text := string;
begin
  if position(U&'\E000' in string) = 0 then return string; end if;
  rest := split_part(rest, U&'\E000' || 'u0000', 1);
  rest := regexp_replace(rest, U&'\E000u[dD][89abAB][0-9a-fA-F]{2}\E000u[dD][c-fC-F][0-9a-fA-F]{2}', U&'\E002', 'g');
  rest := regexp_replace(rest, U&'\E000u[dD][89a-fA-F][0-9a-fA-F]{2}', U&'\E003', 'g');
  rest := replace(replace(replace(rest, U&'\E000' || 'B', '\\'), U&'\E000' || 'Q', '\"'), U&'\E000', '\');
  return ('["' || rest || '"]')::json ->> 0;
end $$;

-- Whether such a string has half of a surrogate pair, left over where a text was cut.
create function has_half_a_character(string text) returns boolean language sql immutable strict parallel safe as $$
  select position(U&'\E000' in string) > 0 and regexp_replace(split_part(string, U&'\E000' || 'u0000', 1),
    U&'\E000u[dD][89abAB][0-9a-fA-F]{2}\E000u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g') ~ U&'\E000u[dD][89a-fA-F]'
$$;

-- A field of such an object: the first of that name, as for SQLite. `->` would take the last.
create function field(object json, name text) returns json language plpgsql immutable strict parallel safe as $$
begin
  if json_typeof(object) <> 'object' then return null; end if;
  return (select value from json_each(object) where key = name limit 1);
end $$;

create function field_type(object json, name text) returns text language plpgsql immutable strict parallel safe as $$
begin
  return json_typeof(field(object, name));
end $$;

-- A field that is a string, decoded; null if it is something else.
create function field_text(object json, name text) returns text language plpgsql immutable strict parallel safe as $$
declare
  value json := field(object, name);
begin
  return case when json_typeof(value) = 'string' then decoded(value #>> '{}') end;
end $$;

create function wrong_account(name text) returns text language sql immutable parallel safe as $$
  select case when name !~ '^[A-Za-z0-9_.-]{1,64}$'
    then 'an account name is 1 to 64 letters, digits, dots, dashes or underscores' end
$$;

-- Repeats of a regular expression end at 255, so longer texts are measured apart.
create function wrong_token(token text) returns text language plpgsql immutable parallel safe as $$
declare
  host text := split_part(token, '/', 1);
begin
  return case
    when octet_length(token) > 256
      then 'the preview token is longer than 256 characters'
    when token ~ '[^!-~]'
      then 'the preview token contains a space, a line break or another character that no token has'
    -- <token>, {token}, $TOKEN, %s, YOUR_TOKEN
    when token ~ '^(<[A-Za-z_]|\{[A-Za-z_{].*\}$|\$[A-Za-z_{(]|%[a-z]$)' or lower(token) ~ '^your[_-]'
      then 'the preview token is still a placeholder; give the preview_token that Feishu sends with the callback url.preview.get'
    -- Also without its scheme: what comes before the first slash is the name of a host.
    when token ~ ':/' or (token ~ '/' and host ~ '^[a-z0-9.-]*$' and host ~ '.\.[a-z][a-z]')
      then 'that is a URL, not a preview token; give the preview_token that Feishu sends with the callback url.preview.get'
  end;
end $$;

create function wrong_lane(kind text, lane text) returns text language plpgsql immutable parallel safe as $$
begin
  return case kind
    when 'preview' then case when lane = '' then 'the preview token is empty' else wrong_token(lane) end
    when 'card' then case
      when lane ~ '[^!-~]'
        then 'the card_id contains a space, a line break or another character that no card_id has'
      when length(lane) not between 1 and 20
        then 'a card_id has 1 to 20 characters'
      -- In an address these two name folders.
      when lane in ('.', '..')
        then 'a card_id is not . or ..'
    end
    when 'session' then case
      when lane !~ '^session_[0-9a-hjkmnp-z]{1,24}$'
        then 'a session id is session_ and 1 to 24 digits and small letters other than i, l and o'
    end
    when 'key' then case
      when lane = ''
        then 'the key is empty: name what has changed, for example ticket-1041'
      when octet_length(lane) > 256
        then 'the key is longer than 256 characters'
      when lane ~ '[^!-~]'
        then 'the key contains a space, a line break or a character that is not ASCII'
    end
    when 'url' then case
      when length(lane) not between 1 and 2048
        then 'a URL has 1 to 2,048 characters and no zero byte'
    end
  end;
end $$;

create function wrong_audience(body json) returns text language plpgsql immutable parallel safe as $$
declare
  names text[] := array(select json_object_keys(body));
  open_ids json;
  strings boolean;
  fine boolean;
begin
  -- Nearly every body is one of these two.
  if names = '{everyone}' and body ->> 'everyone' = 'true' and json_typeof(body -> 'everyone') = 'boolean' then
    return null;
  elsif names = '{open_ids}' then
    open_ids := body -> 'open_ids';
  elsif exists (select from unnest(names) as name where decoded(name) not in ('open_ids', 'everyone')) then
    return 'the body has an unknown key; it takes open_ids or everyone';
  elsif cardinality(names) = 0 then
    return 'no audience: give {"open_ids":["ou_…"]} for users or {"everyone":true} for the whole chat';
  elsif cardinality(names) > 1 then
    return 'two audiences: give either open_ids or everyone, once';
  elsif names = '{everyone}' then
    return 'everyone can only be true; to refresh for some users, give open_ids instead';
  else
    -- A key is spelt with escapes.
    return 'the body has an unknown key; it takes open_ids or everyone';
  end if;

  if json_typeof(open_ids) <> 'array' then
    return 'open_ids must be a list of strings';
  elsif json_array_length(open_ids) = 0 then
    return 'open_ids is empty; for the whole chat give {"everyone":true}';
  end if;

  -- Lists are long, so a good one is read only once.
  select bool_and(json_typeof(value) = 'string'),
    bool_and(value #>> '{}' ~ '^ou_[!-+.-:<-~-]+$' and length(value #>> '{}') <= 64)
  into strings, fine
  from json_array_elements(open_ids);
  if not strings then return 'open_ids must be a list of strings'; end if;
  if fine then return null; end if;

  return (
    select case
      when bool_or(id = '' or octet_length(id) > 64 or id ~ '[^!-~]' or id ~ '[,;]' or has_zero)
        then 'an open_id is empty, longer than 64 characters, or has a character that no open_id has'
      when bool_or(id ~ '^on_')
        then 'that is a union_id (on_…), not an open_id; an open_id looks like ou_7d8a6e6df7621556ce0d21922b676706ccs'
      when bool_or(id ~ '@') and not bool_and(id ~ '^ou_.')
        then 'that is an e-mail address, not an open_id; an open_id looks like ou_7d8a6e6df7621556ce0d21922b676706ccs'
      when not bool_and(id ~ '^ou_.')
        then 'an open_id begins with ou_ and looks like ou_7d8a6e6df7621556ce0d21922b676706ccs'
    end
    from (
      select decoded(value #>> '{}') as id, value #>> '{}' ~ U&'\E000B?u0000' as has_zero
      from json_array_elements(open_ids)) as people);
end $$;

create function wrong_reach(body json) returns text language plpgsql immutable parallel safe as $$
declare
  names text[] := array(select json_object_keys(body));
begin
  return case
    when exists (select from unnest(names) as name where decoded(name) not in ('everyone', 'viewers'))
      then 'the body has an unknown key; for a key or URL it takes everyone or viewers'
    when cardinality(names) <> 1
      then 'give one audience: {"everyone":true} for all members of the chats, or {"viewers":true} for the users who were seen'
    when field(body, names[1])::text <> 'true'
      then 'everyone and viewers can only be true'
    -- A key may be spelt with escapes.
    when names[1] not in ('everyone', 'viewers')
      then 'the body has an unknown key; for a key or URL it takes everyone or viewers'
  end;
end $$;

create function wrong_session(body json) returns text language plpgsql immutable parallel safe as $$
declare
  names text[] := array(select decoded(json_object_keys(body)));
begin
  return case
    when not names <@ array['channel_context', 'metadata']
      then 'the body has an unknown key; a session takes channel_context and metadata'
    when cardinality(names) > (select count(distinct name) from unnest(names) as name)
      then 'the body names a key twice'
    when field(body, 'channel_context') is null and field(body, 'metadata') is null
      then 'nothing to write: give channel_context, metadata or both'
    when exists (select from json_each(body) where json_typeof(value) <> 'string')
      then 'channel_context and metadata must be strings'
    when exists (select from json_each(body) where length(decoded(value #>> '{}')) > 255)
      then 'channel_context and metadata have at most 255 characters'
    when exists (select from json_each(body) where has_half_a_character(value #>> '{}'))
      then 'channel_context and metadata must not contain half of a character, such as \ud83d alone'
    when position(U&'\E000' || 'u0000' in body::text) > 0
      then 'the body contains \u0000, which SQLite cannot keep'
  end;
end $$;

create function wrong_batch(body json) returns text language plpgsql immutable parallel safe as $$
declare
  names text[] := array(select decoded(json_object_keys(body)));
  actions json := field(body, 'actions');
begin
  return case
    when not names <@ array['actions', 'uuid', 'sequence']
      then 'the body has an unknown key; a card takes actions, uuid and sequence'
    when cardinality(names) > (select count(distinct name) from unnest(names) as name)
      then 'the body names a key twice'
    when json_typeof(actions) is distinct from 'array'
      then 'actions must be a JSON list of {"action":…,"params":{…}}'
    when json_array_length(actions) = 0
      then 'actions is empty: nothing would change'
    -- Without the blanks between its values. They are searched for only if they can decide.
    when length(actions::text) > 1000000
      and length(regexp_replace(actions::text, '("[^"]*")|[ \t\r\n]+', '\1', 'g')) > 1000000
      then 'actions are longer than 1,000,000 characters; split them over several asks'
    when exists (
      select from json_each(body) where decoded(key) = 'uuid'
        and (json_typeof(value) <> 'string' or length(decoded(value #>> '{}')) not between 1 and 64))
      then 'uuid must be a string of 1 to 64 characters'
    when exists (
      select from json_each(body) where decoded(key) = 'sequence'
        and case when value::text ~ '^-?[0-9]+$' then value::text::numeric not between 1 and 2147483647 else true end)
      then 'sequence must be a whole number from 1 to 2147483647'
    when position(U&'\E000' || 'u0000' in body::text) > 0
      then 'the body contains \u0000, which SQLite cannot keep'
  end;
end $$;

create function wrong_action(action json) returns text language plpgsql immutable parallel safe as $$
declare
  name text := field_text(action, 'action');
  params json := field(action, 'params');
  settings json;
  list json;
begin
  if name is null or json_typeof(params) is distinct from 'object' then
    return 'it is not {"action":…,"params":{…}}';
  end if;

  if name = 'partial_update_setting' then
    -- Older pages of the documentation put config and card_link into params, newer ones into params.settings.
    settings := field(params, 'settings');
    return case when
      coalesce(
        field_type(params, 'config'), field_type(params, 'card_link'),
        field_type(settings, 'config'), field_type(settings, 'card_link')) is null
      or field_type(params, 'config') <> 'object' or field_type(params, 'card_link') <> 'object'
      or field_type(params, 'settings') <> 'object'
      or field_type(settings, 'config') <> 'object' or field_type(settings, 'card_link') <> 'object'
      then name || ' needs config or card_link, an object, in params or in params.settings' end;
  end if;

  if name = 'add_elements' then
    list := field(params, 'elements');
    return case
      when coalesce(field_text(params, 'type'), '') not in ('insert_before', 'insert_after', 'append')
        then name || ' needs type: insert_before, insert_after or append'
      when field_text(params, 'type') <> 'append' and field(params, 'target_element_id') is null
        then name || ' needs target_element_id, unless its type is append'
      when field_type(params, 'target_element_id') <> 'string' or field_text(params, 'target_element_id') = ''
        then 'target_element_id must be a string that is not empty'
      when json_typeof(list) is distinct from 'array'
        then name || ' needs elements, a list of objects with a tag'
      when json_array_length(list) = 0
        or exists (
          select from json_array_elements(list) as element where field_type(element, 'tag') is distinct from 'string')
        then name || ' needs elements, a list of objects with a tag'
    end;
  end if;

  if name = 'delete_elements' then
    list := field(params, 'element_ids');
    return case
      when json_typeof(list) is distinct from 'array'
        then name || ' needs element_ids, a list of strings that are not empty'
      when json_array_length(list) = 0
        or exists (
          select from json_array_elements(list) as id
          where json_typeof(id) <> 'string' or decoded(id #>> '{}') = '')
        then name || ' needs element_ids, a list of strings that are not empty'
    end;
  end if;

  return case
    when name not in ('partial_update_element', 'update_element')
      then 'there is no such action; there are partial_update_setting, add_elements, delete_elements, partial_update_element and update_element'
    when coalesce(field_text(params, 'element_id'), '') = ''
      then name || ' needs element_id, a string that is not empty'
    when name = 'partial_update_element' then
      case when field_type(params, 'partial_element') is distinct from 'object'
        then name || ' needs partial_element, an object' end
    when field_type(field(params, 'element'), 'tag') is distinct from 'string'
      then name || ' needs element, an object with a tag'
  end;
end $$;

create function wrong_actions(actions json) returns text language plpgsql immutable parallel safe as $$
declare
  action json;
  number integer := 0;
  wrong text;
begin
  for action in select value from json_array_elements(actions) loop
    wrong := wrong_action(action);
    if wrong is not null then return 'action ' || number || ': ' || wrong; end if;
    number := number + 1;
  end loop;
  return null;
end $$;

create function wrong_body(kind text, body text) returns text language plpgsql immutable parallel safe as $$
declare
  parsed json;
  wrong text := 'the body must be a JSON object: {"open_ids":["ou_…"]} or {"everyone":true} for a preview, {"actions":[…]} for a card, {"channel_context":"…","metadata":"…"} for a session, {"everyone":true} or {"viewers":true} for a key or URL';
begin
  if body is null then return wrong; end if;
  begin
    -- The body as it was given decides whether it is JSON: marking escapes would hide a wrong one.
    perform body::json;
    parsed := spelt(body)::json;
  exception when invalid_text_representation or statement_too_complex then
    return wrong;
  end;
  if json_typeof(parsed) <> 'object' then return wrong; end if;

  case kind
    when 'preview' then return wrong_audience(parsed);
    when 'session' then return wrong_session(parsed);
    when 'card' then
      wrong := wrong_batch(parsed);
      return coalesce(wrong, wrong_actions(field(parsed, 'actions')));
    when 'key', 'url' then return wrong_reach(parsed);
    else return null;
  end case;
end $$;

create view ask as
select asked.id, asked.account, asked.kind, asked.lane, asked.body, asked.urgent, asked.after_ms, asked.expires_in_ms,
  asked.asked_ms, ended.outcome, ended.reason, ended.refused, floor(extract(epoch from ended.ended_at) * 1000)::bigint as ended_ms
from asked left join ended on ended.ask_id = asked.id;

alter view ask alter account set default 'default';
alter view ask alter kind set default 'preview';
alter view ask alter urgent set default 0;
alter view ask alter after_ms set default 0;
alter view ask alter asked_ms set default floor(extract(epoch from clock_timestamp()) * 1000)::bigint;

-- It runs with its owner's rights: who asks may insert into this view and needs no right on the tables behind it.
create function take_ask() returns trigger
language plpgsql security definer set search_path = larkspur, pg_temp as $$
declare
  wrong text;
  known record;
  most_bytes integer := (select body_max_bytes from kind where name = new.kind);
  mine xid8;
begin
  wrong := case
    when new.id is not null
      then 'leave the id out: it is given in order'
    when wrong_account(new.account) is not null
      then wrong_account(new.account)
    when most_bytes is null and new.kind is not null
      then 'kind must be ''preview'', ''card'', ''session'', ''key'' or ''url'''
    when octet_length(new.body) > most_bytes
      then 'the body is larger than 4,000,000 bytes (5,000,000 for a card); split it over several asks'
    when new.after_ms not between 0 and 315360000000
      then 'after_ms must be between 0 and ten years'
    when new.asked_ms not between 0 and 253402300799000
      then 'asked_ms is not a time; leave it out, it is set by default'
    when new.expires_in_ms not between 1 and 315360000000
      then 'expires_in_ms must be more than 0 and at most ten years'
    when new.expires_in_ms <= new.after_ms
      then 'it would expire before it may be sent: expires_in_ms must be larger than after_ms'
    when new.urgent is null or new.urgent not in (0, 1)
      then 'urgent must be 0 or 1'
    when new.outcome is not null or new.reason is not null or new.refused is not null or new.ended_ms is not null
      then 'leave this column to the worker: set only account, kind, lane, body, urgent, after_ms and expires_in_ms'
  end;
  wrong := coalesce(wrong, wrong_body(new.kind, new.body), wrong_lane(new.kind, new.lane));

  if wrong is null then
    select account.configured = 1 and account.limits ->> 'store_app' in ('true', '1') as is_store_app,
      run.id as sleeper
    into known
    from account left join run on run.id = account.holder and run.sleeps and not run.gone
    where account.name = new.account;
    wrong := case
      when known.is_store_app
        then 'this account is a store app: ask for one of its tenants, as account APP.TENANT_KEY'
      when new.kind = 'session' and position('.' in new.account) > 0 and exists (
        select from account
        where name = split_part(new.account, '.', 1) and configured = 1
          and limits ->> 'store_app' in ('true', '1'))
        then 'Aily sessions are for self-built apps: a tenant of a store app has none'
    end;
  end if;

  -- Drivers report this class as a broken constraint, as SQLite's do.
  if wrong is not null then
    raise exception using errcode = 'check_violation', message = wrong;
  end if;

  -- The transaction's number is taken before the ask's. look() says what rests on it: without this line, an heir could
  -- begin above an ask that is committed late, and lose it.
  mine := pg_current_xact_id();
  new.id := nextval('ask_number');
  insert into asked (id, account, kind, lane, body, after_ms, expires_in_ms, urgent, asked_ms, xact)
  values (new.id, new.account, new.kind, new.lane, new.body, new.after_ms, new.expires_in_ms, new.urgent, new.asked_ms,
    mine);

  -- NOTIFY takes a lock on the whole server until its transaction is flushed, so commits with a notice go one after
  -- the other. Only a holder that sleeps is notified; others pull with every turn. A holder that falls asleep between
  -- this line and the commit finds the ask with its next look.
  if known.sleeper is not null then
    perform pg_notify('larkspur_' || known.sleeper, '');
  end if;
  return new;
end $$;

create trigger ask_is_taken instead of insert on ask for each row execute function take_ask();

create function keep_ask() returns trigger language plpgsql security definer set search_path = larkspur, pg_temp as $$
begin
  if (new.id, new.account, new.kind, new.lane, new.body, new.urgent, new.after_ms, new.asked_ms)
    is distinct from
    (old.id, old.account, old.kind, old.lane, old.body, old.urgent, old.after_ms, old.asked_ms)
    or new.expires_in_ms is distinct from old.expires_in_ms
  then
    raise exception using errcode = 'check_violation',
      message = 'an ask cannot be changed: delete it, which cancels it, and insert another one';
  end if;
  if (new.outcome, new.reason, new.refused, new.ended_ms)
    is distinct from (old.outcome, old.reason, old.refused, old.ended_ms)
  then
    raise exception using errcode = 'check_violation',
      message = 'leave this column to the worker: set only account, kind, lane, body, urgent, after_ms and expires_in_ms';
  end if;
  -- An ORM may write every column back as it was.
  return new;
end $$;

create trigger ask_stays_as_asked instead of update on ask for each row execute function keep_ask();

-- The row stays, as cancelled, until its partition is dropped: a row that vanished could not be told to its holder.
create function cancel_ask() returns trigger language plpgsql security definer set search_path = larkspur, pg_temp as $$
begin
  insert into ended (ask_id, outcome) values (old.id, 'cancelled')
  on conflict (ask_id) do update set outcome = 'cancelled', reason = null, ended_at = clock_timestamp()
  where ended.outcome = 'dead';
  if found then
    insert into word (account, what, kind, lane, ask_id) values (old.account, 'cancel', old.kind, old.lane, old.id);
    perform wake(old.account);
  end if;
  return old;
end $$;

create trigger ask_deleted_is_cancelled instead of delete on ask for each row execute function cancel_ask();

-- Notifies the holder of an account if it sleeps.
create function wake(name text) returns void language sql set search_path = larkspur, pg_temp as $$
  select pg_notify('larkspur_' || run.id, '')
  from account join run on run.id = account.holder and run.sleeps and not run.gone
  where account.name = wake.name
$$;

insert into schema_version (version, works_with) values (2, 2);
