-- What somebody changes by hand is put right at once, by triggers. The worker's own writes run none of them; a
-- worker of an older version, which is still at work when a newer program brings the queue up to date, runs
-- all. So they wait until a worker that knows them has been started.
alter table worker add column guards integer not null default 0 check (guards in (0, 1));

-- A lane that was changed is looked at before its next call: it wants what its open asks want, and nobody
-- else.
create trigger lane_changed_is_looked_at
after update of account_id, kind, name, state, audience_id, wide, follow_id, ready_ms, slot_ms, round
on lane
when new.state <> 'idle' and new.expires_ms is not 0 and (select guards from worker)
begin
  update lane set expires_ms = 0 where id = new.id;
end;

-- The asks of a lane that wants nothing any more, has another name or number or is gone are folded again.
create trigger lane_idled_leaves_its_asks after update of id, state, account_id, kind, name on lane
when (select guards from worker) and (
  (new.state = 'idle' and old.state <> 'idle') or new.account_id is not old.account_id
  or new.kind is not old.kind or new.name is not old.name or new.id <> old.id)
begin
  update ask set lane_id = null, audience_id = null, round = null, due_ms = null
  where lane_id in (old.id, new.id) and outcome is null;
end;

create trigger lane_deleted_leaves_its_asks after delete on lane
when (select guards from worker)
begin
  update ask set lane_id = null, audience_id = null, round = null, due_ms = null
  where lane_id = old.id and outcome is null;
end;

-- So is an ask that was taken out of its lane, or put into another one.
create trigger ask_moved_is_folded_again
after update of lane_id, audience_id, round, outcome on ask
when new.outcome is null and (select guards from worker) and (
  (old.outcome is null and old.lane_id is not null and (new.lane_id is not old.lane_id
    or new.audience_id is not old.audience_id or new.round is not old.round))
  or (new.lane_id is not null and (old.outcome is not null or old.lane_id is null)))
begin
  update lane set expires_ms = 0 where id = old.lane_id and state <> 'idle';
  update ask set lane_id = null, audience_id = null, round = null, due_ms = null where id = new.id;
end;

-- An ask that was ended is wanted no more.
create trigger ask_ended_is_not_wanted after update of outcome on ask
when old.outcome is null and new.outcome is not null and old.lane_id is not null
  and (select guards from worker)
begin
  update lane set expires_ms = 0 where id = old.lane_id and state <> 'idle' and expires_ms is not 0;
end;

-- SQLite would give its number to another set of people, and lanes that want the old one would get the new.
create trigger audience_stays before delete on audience
when (select guards from worker)
begin
  select raise(abort, 'leave the table audience to the worker: it deletes what nothing wants');
end;

create trigger audience_keeps_its_number before update of id on audience
when new.id <> old.id and (select guards from worker)
begin
  select raise(abort, 'leave the table audience to the worker: asks and lanes know it by its id');
end;

-- The worker sets the counter right as soon as it sees it, and so does `larkspur enqueue`.
drop trigger ask_id_only_grows;

create trigger ask_id_only_grows after insert on ask
when new.id <= (select folded_ask from worker) or new.id > 1000000000000000
begin
  -- Where -1 is given, SQLite shows the same before the insert as where no id is.
  select raise(abort, 'leave the id out: it is given in order') where new.id = -1;
  select raise(abort, 'the queue''s counter of ids was changed by hand; run larkspur work or larkspur enqueue, which set it right, and insert again');
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
    -- <token>, {token}, $TOKEN, %s, YOUR_TOKEN
    when new.lane glob '<[A-Za-z_]*' or new.lane glob '{[A-Za-z_{]*}'
      or new.lane glob '$[A-Za-z_{(]*' or new.lane glob '%[a-z]' or lower(new.lane) glob 'your[_-]*'
      then raise(abort, 'the preview token is still a placeholder; give the preview_token that Feishu sends with the callback url.preview.get')
    -- Also without its scheme: what stands before the first slash is the name of a host.
    when new.lane glob '*:/*' or (new.lane glob '*?.[a-z][a-z]*/*'
        and substr(new.lane, 1, instr(new.lane, '/') - 1) not glob '*[^a-z0-9.-]*'
        and substr(new.lane, 1, instr(new.lane, '/') - 1) glob '*?.[a-z][a-z]*')
      then raise(abort, 'that is a URL, not a preview token; give the preview_token that Feishu sends with the callback url.preview.get')
  end;
end;

-- How many asks no worker has looked at may not go yet, and how many have expired: of those with a delay or
-- an end, by the moment itself.
create index asks_not_folded_delayed on ask (asked_ms + after_ms, asked_ms)
  where lane_id is null and due_ms is null and outcome is null and after_ms > 0;

create index asks_not_folded_expiring on ask (asked_ms + expires_in_ms, after_ms, asked_ms)
  where lane_id is null and due_ms is null and outcome is null and expires_in_ms is not null;
