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

insert into schema_version (version, works_with) values (3, 3);
