-- Asks cannot be changed, deleting one cancels it, and obvious mistakes are refused. Existing rows are not
-- checked again.

drop trigger ask_is_well_formed;
drop trigger ask_names_its_account;

-- The one set of checks, whoever asks: command line, Swift or SQL.
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

-- The worker reads these columns once. `rowid` and its other names are the id. A library that writes every
-- column back with its old value is let through.
create trigger ask_stays_as_asked
before update of id, rowid, oid, _rowid_, account, kind, lane, body, after_ms, expires_in_ms, asked_ms
on ask
when new.id is not old.id or new.account is not old.account or new.kind is not old.kind
  or new.lane is not old.lane or new.body is not old.body or new.after_ms is not old.after_ms
  or new.expires_in_ms is not old.expires_in_ms or new.asked_ms is not old.asked_ms
begin
  select raise(abort, 'an ask cannot be changed: delete it, which cancels it, and insert another one');
end;

-- Deleting an open ask cancels it, unless a call already carries it. Zero in expires_ms makes the worker
-- look at the lane before its next call and drop what no ask wants any more.
create trigger ask_deleted_is_cancelled after delete on ask
when old.outcome is null and old.lane_id is not null
begin
  update lane set expires_ms = 0 where id = old.lane_id and state <> 'idle';
end;

drop trigger ask_names_its_preview;

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
    when new.lane glob '<*'
      then raise(abort, 'the preview token is still a placeholder; give the preview_token that Feishu sends with the callback url.preview.get')
    when new.lane glob '*:/*'
      then raise(abort, 'that is a URL, not a preview token; give the preview_token that Feishu sends with the callback url.preview.get')
  end;
end;

drop trigger ask_names_its_audience;

-- Separate, because json functions fail with a message of their own on text that is not JSON.
create trigger ask_names_its_audience before insert on ask
when new.kind = 'preview' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (select 1 from json_each(new.body) where key not in ('open_ids', 'everyone'))
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when (select count(*) from json_each(new.body)) = 0
      then raise(abort, 'no audience: say {"open_ids":["ou_…"]} for some people or {"everyone":true} for the whole chat')
    when (select count(*) from json_each(new.body)) > 1
      then raise(abort, 'two audiences: give either open_ids or everyone, once')
    when json_type(new.body, '$.everyone') <> 'true'
      then raise(abort, 'everyone can only be true; to reach some people, give open_ids instead')
    -- A key may be spelt with escapes, which paths do not find.
    when json_type(new.body, '$.everyone') is not 'true' and json_type(new.body, '$.open_ids') is null
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when json_type(new.body, '$.open_ids') <> 'array'
      then raise(abort, 'open_ids must be a list of strings')
    when json_array_length(new.body, '$.open_ids') = 0
      then raise(abort, 'open_ids is empty: nobody would be reached; for the whole chat say {"everyone":true}')
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

-- Every lane with asks that will not be delivered, until `larkspur retry` or `cancel`. Then the dead asks
-- that have no lane, because their rows could not be used.
drop view dead;

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
group by lane.id
union all
select
  ask.account,
  ask.kind,
  ask.lane,
  count(*),
  datetime((max(ask.ended_ms) + clock.skew_ms) / 1000, 'unixepoch', 'localtime'),
  ask.reason,
  max(ask.id)
from clock
join ask on ask.outcome = 'dead' and ask.lane_id is null
group by ask.account, ask.kind, ask.lane;
