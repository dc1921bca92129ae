-- Asks by key or URL. Such an ask is one row, however many previews show what has changed. The key is a lane, and its
-- ask waits there while each preview that was seen has an ask of its own, which is a part of it. Parts have negative
-- ids, and are deleted once they have ended. The column `refused` of an ask by key lists the previews that were not
-- refreshed.

insert into kind (name, body_max_bytes, has_quota) values ('key', 1000, 0), ('url', 1000, 0);

-- The lane of the key or URL that the ask is a part of.
alter table ask add column part_of integer references lane;
-- Asks of a key are numbered in the order in which they are folded, in `first_call`. An ask waits for each part whose
-- number is not higher than its own.
alter table ask add column serves_from integer;

create index parts_of_a_key on ask (part_of, serves_from) where part_of is not null and outcome is null;
create index parts_ended on ask (part_of) where part_of is not null and outcome is not null;

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
      then raise(abort, 'asked_ms is no moment; leave it out, it is set by default')
    when new.expires_in_ms not between 1 and 315360000000
      then raise(abort, 'expires_in_ms must be more than 0 and at most ten years')
    when new.expires_in_ms <= new.after_ms
      then raise(abort, 'it would expire before it may be sent: expires_in_ms must be larger than after_ms')
    when new.lane_id is not null or new.audience_id is not null or new.first_call is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null or new.part_of is not null or new.serves_from is not null
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, after_ms and expires_in_ms')
  end;
end;

create trigger ask_names_its_key before insert on ask
when new.kind = 'key'
begin
  select case
    when new.lane = ''
      then raise(abort, 'the key is empty: name what has changed, for example ticket-1041')
    when length(cast(new.lane as blob)) > 256
      then raise(abort, 'the key is longer than 256 characters')
    when new.lane glob '*[^!-~]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'the key contains a space, a line break or a character that is not ASCII')
  end;
end;

create trigger ask_names_its_url before insert on ask
when new.kind = 'url'
begin
  select case
    when length(new.lane) not between 1 and 2048 or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'a URL has 1 to 2,048 characters and no zero byte')
  end;
end;

create trigger ask_names_its_reach before insert on ask
when new.kind in ('key', 'url') and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (select 1 from json_each(new.body) where key not in ('everyone', 'viewers'))
      then raise(abort, 'the body has an unknown key; for a key or URL it takes everyone or viewers')
    when (select count(*) from json_each(new.body)) <> 1
      then raise(abort, 'say for whom: {"everyone":true} for all members of the chats, or {"viewers":true} for the users who were seen')
    when (select type from json_each(new.body)) <> 'true'
      then raise(abort, 'everyone and viewers can only be true')
    -- A key may be spelt with escapes, which paths do not find.
    when json_type(new.body, '$.everyone') is null and json_type(new.body, '$.viewers') is null
      then raise(abort, 'the body has an unknown key; for a key or URL it takes everyone or viewers')
  end;
end;

-- Deleting a part cancels the refresh of its preview. The asks that waited for it say so when they end.
create trigger part_deleted_is_noted after delete on ask
when old.part_of is not null and old.outcome is null
begin
  update ask set reason = 'cancelled', refused = json_insert(ifnull(refused, '[]'), '$[#]', old.lane)
  where lane_id = old.part_of and outcome is null and first_call >= old.serves_from
    and not exists (select 1 from json_each(ifnull(refused, '[]')) where value = old.lane);
  update lane set expires_ms = 0 where id = old.part_of and state <> 'idle';
end;

drop view queue;

-- Every lane that wants something, and every ask that is not in a lane yet. `next` is the earliest moment of its
-- call. `because` names everything it waits for, the deciding reason first. The reason `order` means that other
-- lanes have been due for longer and go first, so the call may be later than `next`. A key or URL waits for the
-- previews that were seen with it, which are lanes of their own.
create view queue as
-- Computed once, because a few rows serve all lanes.
with channel as materialized (
  select account_id, api,
    iif(paused_ms > now_ms, paused_why, (
      select paused_why from budget as login where login.account_id = budget.account_id and login.api = 'auth')
    ) as paused_why,
    -- A wait for an access token pauses the channel too.
    nullif(max(ifnull(paused_ms, 0), ifnull(opening ->> '$.credentials', 0)), 0) as paused_ms,
    (select max(ifnull(value, 9e18)) from json_each(opening)) as opens_ms,
    (select group_concat(reason, ', ') from (
      select key as reason from json_each(opening) where value is null or value > now_ms
      order by ifnull(value, 9e18) desc, key)) as because
  from clock cross join budget)
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  case
    when lane.state = 'in_flight' then 'in flight'
    when lane.kind in ('key', 'url') then 'waiting'
    when account.parked is not null then 'parked'
    when channel.paused_ms > clock.now_ms then 'paused'
    when account.configured = 0 or lane.ready_ms > clock.now_ms then 'waiting'
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
    when lane.kind in ('key', 'url') then (
      select 'with the last of its previews: ' || count(*) || ' left' from ask as part indexed by parts_of_a_key
      where part.part_of = lane.id and part.outcome is null)
    when account.configured = 0 then 'once the account is configured'
    when account.parked is not null then 'after: larkspur resume ' || account.name
    when channel.opens_ms = 9e18 then 'answer awaited'
    when max(lane.ready_ms, ifnull(channel.paused_ms, 0), ifnull(channel.opens_ms, 0)) <= clock.now_ms then 'now'
    else datetime(
      (max(lane.ready_ms, ifnull(channel.paused_ms, 0), ifnull(channel.opens_ms, 0)) + clock.skew_ms + 999) / 1000,
      'unixepoch', 'localtime')
  end as next,
  lane.attempts as attempts,
  coalesce(lane.error, account.parked_why,
    iif(channel.paused_ms > clock.now_ms, channel.paused_why, null), '') as last_error,
  lane.result as result,
  iif(lane.kind in ('key', 'url'), 'previews', iif(lane.state = 'in_flight', 'in_flight', substr(
    iif(account.configured = 0, ', unconfigured', '') || iif(account.parked is not null, ', parked', '')
    || case
      when lane.ready_ms <= clock.now_ms then ifnull(', ' || channel.because, '')
        || iif(exists (
          select 1 from lane as other indexed by lanes_due_longest
          where other.account_id = lane.account_id and other.kind = lane.kind and other.state = 'waiting'
            and other.ready_ms < lane.ready_ms), ', order', '')
      when lane.ready_ms <= channel.opens_ms then ', ' || channel.because || ', ' || lane.waits_for
      else ', ' || lane.waits_for || ifnull(', ' || channel.because, '')
    end, 3))) as because
from clock
join (
  select *,
    case
      when group_id is not null then 'isolation'
      when failed_ms is not null and ready_ms > slot_ms then 'backoff'
      else 'slot'
    end as waits_for
  from lane) as lane
join account on account.id = lane.account_id
left join audience on audience.id = lane.audience_id
left join channel on channel.account_id = lane.account_id and channel.api = lane.kind
where lane.state <> 'idle'
union all
select
  account,
  kind,
  lane,
  state,
  case
    when kind <> 'preview' then ''
    when max(names_everyone) then 'everyone'
    when max(people) = 1 then '1 person'
    else ifnull(max(people) || ' people', '')
  end,
  count(*),
  datetime(min(asked_ms) / 1000, 'unixepoch', 'localtime'),
  case
    when state = 'expired' then 'never'
    when state = 'delayed'
      then datetime((min(earliest_ms) + skew_ms + 999) / 1000, 'unixepoch', 'localtime')
    when (select configured from account as known where known.name = asked.account) = 0
      then 'once the account is configured'
    else 'now'
  end,
  0,
  '',
  null,
  case
    when state = 'delayed' then 'delay'
    when (select configured from account as known where known.name = asked.account) = 0 then 'unconfigured'
    else ''
  end
from (
  select account, kind, lane, asked_ms, earliest_ms, skew_ms,
    json_type(audience, '$.everyone') is not null as names_everyone,
    json_array_length(audience, '$.open_ids') as people,
    case
      when latest_ms <= now_ms then 'expired'
      when earliest_ms > now_ms then 'delayed'
      else 'new'
    end as state
  from (
    -- If the clock was wrong, asked_ms may be in the future. It then counts as now, as it does for the worker.
    select account, kind, lane, iif(kind = 'preview' and json_valid(body), body, '{}') as audience,
      asked_ms, min(asked_ms - skew_ms, now_ms) + after_ms as earliest_ms,
      min(asked_ms - skew_ms, now_ms) + expires_in_ms as latest_ms, now_ms, skew_ms
    from clock cross join ask
    where id > (select folded_ask from worker) and outcome is null and lane_id is null
      and due_ms is null
    union all
    select account, kind, lane, iif(kind = 'preview' and json_valid(body), body, '{}'),
      asked_ms, due_ms, expires_ms, now_ms, skew_ms
    from clock cross join ask
    where due_ms is not null and lane_id is null and outcome is null)) as asked
group by account, kind, lane, state;
