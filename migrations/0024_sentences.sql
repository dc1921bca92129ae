-- Sentences about rows that were refused, in plainer words. Nothing else of these triggers has changed.

drop trigger ask_names_its_audience;

create trigger ask_names_its_audience before insert on ask
when new.kind = 'preview' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (select 1 from json_each(new.body) where key not in ('open_ids', 'everyone'))
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when (select count(*) from json_each(new.body)) = 0
      then raise(abort, 'no audience: give {"open_ids":["ou_…"]} for users or {"everyone":true} for the whole chat')
    when (select count(*) from json_each(new.body)) > 1
      then raise(abort, 'two audiences: give either open_ids or everyone, once')
    when json_type(new.body, '$.everyone') <> 'true'
      then raise(abort, 'everyone can only be true; to refresh for some users, give open_ids instead')
    -- A key may be spelt with escapes, which paths do not find.
    when json_type(new.body, '$.everyone') is not 'true' and json_type(new.body, '$.open_ids') is null
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when json_type(new.body, '$.open_ids') <> 'array'
      then raise(abort, 'open_ids must be a list of strings')
    when json_array_length(new.body, '$.open_ids') = 0
      then raise(abort, 'open_ids is empty; for the whole chat give {"everyone":true}')
    when exists (select 1 from json_each(new.body, '$.open_ids') where type <> 'text')
      then raise(abort, 'open_ids must be a list of strings')
    -- Lists are long, so a good one is read only once.
    when exists (
      select 1 from json_each(new.body, '$.open_ids')
      where value not glob 'ou_?*' or length(cast(value as blob)) > 64 or value glob '*[^!-~]*'
        or value glob '*[,;]*')
      -- SQLite reads a string in JSON no further than this.
      or instr(new.body, '\u0000')
      then case
        when exists (
          select 1 from json_each(new.body, '$.open_ids')
          where value = '' or length(cast(value as blob)) > 64 or value glob '*[^!-~]*'
            or value glob '*[,;]*')
          or instr(new.body, '\u0000')
          then raise(abort, 'an open_id is empty, longer than 64 characters, or has a character that no open_id has')
        when exists (select 1 from json_each(new.body, '$.open_ids') where value glob 'on_*')
          then raise(abort, 'that is a union_id (on_…), not an open_id; an open_id looks like ou_7d8a6e6df7621556ce0d21922b676706ccs')
        when exists (select 1 from json_each(new.body, '$.open_ids') where value glob '*@*')
          then raise(abort, 'that is an e-mail address, not an open_id; an open_id looks like ou_7d8a6e6df7621556ce0d21922b676706ccs')
        else raise(abort, 'an open_id begins with ou_ and looks like ou_7d8a6e6df7621556ce0d21922b676706ccs')
      end
  end;
end;

drop trigger ask_names_its_reach;

create trigger ask_names_its_reach before insert on ask
when new.kind in ('key', 'url') and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (select 1 from json_each(new.body) where key not in ('everyone', 'viewers'))
      then raise(abort, 'the body has an unknown key; for a key or URL it takes everyone or viewers')
    when (select count(*) from json_each(new.body)) <> 1
      then raise(abort, 'give one audience: {"everyone":true} for all members of the chats, or {"viewers":true} for the users who were seen')
    when (select type from json_each(new.body)) <> 'true'
      then raise(abort, 'everyone and viewers can only be true')
    -- A key may be spelt with escapes, which paths do not find.
    when json_type(new.body, '$.everyone') is null and json_type(new.body, '$.viewers') is null
      then raise(abort, 'the body has an unknown key; for a key or URL it takes everyone or viewers')
  end;
end;

drop trigger ask_is_well_formed;

create trigger ask_is_well_formed before insert on ask
begin
  select case
    -- Before an insert without an id, SQLite shows -1. REPLACE and upserts need an id, so they are refused.
    when new.id is not -1
      then raise(abort, 'leave the id out: it is given in order')
    -- GLOB stops at a zero byte.
    when new.account glob '*[^A-Za-z0-9_.-]*' or length(new.account) not between 1 and 64
      or instr(cast(new.account as blob), x'00')
      then raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores')
    when new.kind not in (select name from kind)
      then raise(abort, 'kind must be ''preview'', ''card'', ''session'', ''key'' or ''url''')
    when length(cast(new.body as blob)) > (select body_max_bytes from kind where name = new.kind)
      then raise(abort, 'the body is larger than 4,000,000 bytes (5,000,000 for a card); split it over several asks')
    when iif(json_valid(new.body), json_type(new.body) <> 'object', true)
      then raise(abort, 'the body must be a JSON object: {"open_ids":["ou_…"]} or {"everyone":true} for a preview, {"actions":[…]} for a card, {"channel_context":"…","metadata":"…"} for a session, {"everyone":true} or {"viewers":true} for a key or URL')
    when new.after_ms not between 0 and 315360000000
      then raise(abort, 'after_ms must be between 0 and ten years')
    when new.asked_ms not between 0 and 253402300799000
      then raise(abort, 'asked_ms is not a time; leave it out, it is set by default')
    when new.expires_in_ms not between 1 and 315360000000
      then raise(abort, 'expires_in_ms must be more than 0 and at most ten years')
    when new.expires_in_ms <= new.after_ms
      then raise(abort, 'it would expire before it may be sent: expires_in_ms must be larger than after_ms')
    when new.urgent is not 0 and new.urgent is not 1
      then raise(abort, 'urgent must be 0 or 1')
    when new.lane_id is not null or new.audience_id is not null or new.first_call is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null or new.part_of is not null or new.serves_from is not null or new.spread_ms is not 0
      or new.part_for is not 0
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, urgent, after_ms and expires_in_ms')
  end;
end;

drop trigger audience_stays;

create trigger audience_stays before delete on audience
when (select guards from worker)
begin
  select raise(abort, 'leave the table audience to the worker: it deletes unused rows');
end;

drop trigger sighting_is_recorded;

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
      then raise(abort, 'the chat is not a chat_id; give the open_chat_id of the callback, or leave it out')
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
