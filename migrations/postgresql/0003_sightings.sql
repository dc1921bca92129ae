-- Sightings: what the handlers of url.preview.get insert. The view takes them, the registry keeps them.

set local search_path = larkspur;

create view sighting as
select null::text collate "C" as token, null::text collate "C" as key, null::text collate "C" as url,
  null::text collate "C" as chat, null::text collate "C" as open_id, null::text collate "C" as account
where false;

create function take_sighting() returns trigger
language plpgsql security definer set search_path = larkspur, pg_temp as $$
declare
  today constant integer := floor(extract(epoch from clock_timestamp()) / 86400);
  account_name constant text := coalesce(new.account, 'default');
  new_url constant text := nullif(new.url, '');
  new_chat constant text := nullif(new.chat, '');
  wrong constant text := case
    when coalesce(new.token, '') = ''
      then 'the preview token is missing; a draft has none yet, so there is nothing to record'
    when wrong_token(new.token) is not null
      then wrong_token(new.token)
    when coalesce(new.key, '') = ''
      then 'the key is missing: name what the preview shows, for example ticket-1041'
    when octet_length(new.key) > 256
      then 'the key is longer than 256 characters'
    when new.key ~ '[^!-~]'
      then 'the key contains a space, a line break or a character that is not ASCII; use an id, for example ticket-1041'
    when wrong_account(account_name) is not null
      then wrong_account(account_name)
    when length(new.url) > 2048
      then 'the URL is longer than 2,048 characters or contains a zero byte; leave it out'
    when octet_length(new.chat) > 128 or new.chat ~ '[^!-~]'
      then 'the chat is not a chat_id; give the open_chat_id of the callback, or leave it out'
    when new.open_id <> '' and (new.open_id !~ '^ou_[!-+.-:<-~-]+$' or length(new.open_id) > 64)
      then 'an open_id begins with ou_ and looks like ou_7d8a6e6df7621556ce0d21922b676706ccs'
  end;
  token known_token;
  key_number bigint;
  day integer;
begin
  if wrong is not null then
    raise exception using errcode = 'check_violation', message = wrong;
  end if;

  -- Every step reads first and writes only what is new. An upsert whose WHERE is false would write all the same: it
  -- locks the row that it met, and takes a number from the sequence. Sightings come with every look of every user,
  -- and nearly all of them say nothing new.
  select * into token from known_token where known_token.account = account_name and name = new.token;
  if not found then
    insert into known_token (account, name, url, chat, seen_day)
    values (account_name, new.token, new_url, new_chat, today)
    on conflict (account, name) do nothing;
    select * into token from known_token where known_token.account = account_name and name = new.token;
  end if;
  if token.seen_day < today or new_url <> coalesce(token.url, '') or new_chat <> coalesce(token.chat, '') then
    update known_token
    set url = coalesce(new_url, url), chat = coalesce(new_chat, chat), seen_day = greatest(seen_day, today)
    where id = token.id;
  end if;

  select id into key_number from known_key where known_key.account = account_name and name = new.key;
  if not found then
    insert into known_key (account, name) values (account_name, new.key) on conflict (account, name) do nothing;
    select id into key_number from known_key where known_key.account = account_name and name = new.key;
  end if;

  select seen_day into day from tag where key_id = key_number and token_id = token.id;
  if not found then
    -- One at a time, or two sessions could each add the sixteenth.
    perform from known_token where id = token.id for no key update;
    -- Dropping one instead would leave a preview out of date without anybody noticing.
    if (select count(*) from tag where token_id = token.id and key_id <> key_number) >= 16 then
      raise exception using errcode = 'check_violation',
        message = 'this preview token has 16 keys already, and a token can have no more; name only what the preview shows';
    end if;
    insert into tag (key_id, token_id, seen_day) values (key_number, token.id, today)
    on conflict (key_id, token_id) do nothing;
  elsif day < today then
    update tag set seen_day = today where key_id = key_number and token_id = token.id and seen_day < today;
  end if;

  if new.open_id <> '' then
    select seen_day into day from viewer where token_id = token.id and open_id = new.open_id;
    if not found then
      insert into viewer (token_id, open_id, seen_day) values (token.id, new.open_id, today)
      on conflict (token_id, open_id) do nothing;
    elsif day < today then
      update viewer set seen_day = today where token_id = token.id and open_id = new.open_id and seen_day < today;
    end if;
  end if;
  return new;
end $$;

create trigger sighting_is_recorded instead of insert on sighting for each row execute function take_sighting();

-- Forgets a preview token in one account, or in all: null. A user counts once for each preview.
create function forget_token(name text, account text) returns table (previews bigint, keys bigint, viewers bigint)
language sql set search_path = larkspur, pg_temp as $$
  with token as (
    select id from known_token
    where known_token.name = forget_token.name
      and (forget_token.account is null or known_token.account = forget_token.account)),
  lost_viewer as (delete from viewer using token where token_id = token.id returning 1),
  lost_tag as (delete from tag using token where token_id = token.id),
  lost as (delete from known_token using token where known_token.id = token.id returning 1)
  select (select count(*) from lost), 0::bigint, (select count(*) from lost_viewer)
$$;

-- Forgets a key, and the previews that have no other.
create function forget_key(name text, account text) returns table (previews bigint, keys bigint, viewers bigint)
language sql set search_path = larkspur, pg_temp as $$
  with key as (
    select id from known_key
    where known_key.name = forget_key.name
      and (forget_key.account is null or known_key.account = forget_key.account)),
  token as (
    select distinct token_id as id from tag join key on key.id = tag.key_id
    where not exists (
      select from tag as other where other.token_id = tag.token_id and other.key_id not in (select id from key))),
  lost_viewer as (delete from viewer using token where token_id = token.id returning 1),
  lost_tag as (delete from tag using key where key_id = key.id),
  lost as (delete from known_token using token where known_token.id = token.id returning 1),
  lost_key as (delete from known_key using key where known_key.id = key.id returning 1)
  select (select count(*) from lost), (select count(*) from lost_key), (select count(*) from lost_viewer)
$$;

-- Forgets a user, who is no longer among those who have seen a preview.
create function forget_viewer(name text, account text) returns table (previews bigint, keys bigint, viewers bigint)
language sql set search_path = larkspur, pg_temp as $$
  with lost as (
    delete from viewer using known_token
    where known_token.id = token_id and open_id = forget_viewer.name
      and (forget_viewer.account is null or known_token.account = forget_viewer.account)
    returning 1)
  select 0::bigint, 0::bigint, count(*) from lost
$$;

-- Once a day: forgets what was not seen for as many days as the account keeps it, and of each key what it has too much
-- of, the longest unseen first. What an open ask by key stands for is kept until that ask has ended. Called by workers,
-- as often as they like; it runs with its owner's rights.
create function forget_unseen() returns void
language plpgsql security definer set search_path = larkspur, pg_temp as $$
declare
  today constant integer := floor(extract(epoch from clock_timestamp()) / 86400);
begin
  if not pg_try_advisory_xact_lock(hashtext('larkspur sightings')) then return; end if;
  update tally set value = today where figure = 'day of forgetting' and value < today;
  if not found then return; end if;

  delete from viewer using known_token left join account on account.name = known_token.account
  where known_token.id = viewer.token_id
    and viewer.seen_day < today - coalesce((account.limits ->> 'sightings_days')::integer, 30);

  with kept as (
    select tag.key_id, tag.token_id, tag.seen_day,
      coalesce((account.limits ->> 'sightings_days')::integer, 30) as days,
      coalesce((account.limits ->> 'previews_per_key')::integer, 1000) as most,
      row_number() over (partition by tag.key_id order by tag.seen_day desc, tag.token_id desc) as place
    from tag join known_key on known_key.id = tag.key_id left join account on account.name = known_key.account
    where not exists (
      select from open_ask
      where open_ask.account = known_key.account and open_ask.kind = 'key' and open_ask.lane = known_key.name)
  ), lost as (
    delete from tag using kept
    where tag.key_id = kept.key_id and tag.token_id = kept.token_id
      and (kept.seen_day < today - days or place > most)
    returning tag.key_id, kept.seen_day >= today - days as is_surplus
  )
  update known_key set dropped = dropped + surplus.count
  from (select key_id, count(*) from lost where is_surplus group by key_id) as surplus
  where known_key.id = surplus.key_id;

  -- A token is seen whenever one of its keys or users is, so it goes with its last key.
  delete from viewer where not exists (select from tag where tag.token_id = viewer.token_id);
  delete from known_token where not exists (select from tag where token_id = known_token.id);
  delete from known_key where not exists (select from tag where key_id = known_key.id) and not exists (
    select from open_ask
    where open_ask.account = known_key.account and open_ask.kind = 'key' and open_ask.lane = known_key.name);
end $$;
insert into tally (figure) values ('day of forgetting');

insert into schema_version (version, works_with) values (3, 3);
