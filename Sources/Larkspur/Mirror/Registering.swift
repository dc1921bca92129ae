import Planning

/// The previews that asks by key or URL stand for. The registry is in the shared queue; what such an ask needs of it is
/// copied when the ask is pulled, so that it is expanded like any other.
extension WorkerStore {
  /// `text` is what the function `registered` of the shared queue returns.
  package func register(_ text: String) throws(StoreError) {
    try dropOldTags(text)
    try db.execute(
      """
      insert into known_token (account, name, url, chat, seen_day)
      select asked.value ->> 'account', preview.value ->> 'token', preview.value ->> 'url', preview.value ->> 'chat',
        preview.value ->> 'seen_day'
      from json_each(?) as asked, json_each(asked.value, '$.previews') as preview
      where true
      on conflict (account, name) do update
      set url = excluded.url, chat = excluded.chat, seen_day = excluded.seen_day
      """, .text(text))
    try db.execute(
      """
      insert into tag (key_id, token_id, seen_day)
      select known_key.id, known_token.id, preview.value ->> 'tag_day'
      from json_each(?) as asked, json_each(asked.value, '$.previews') as preview
      join known_key on known_key.account = asked.value ->> 'account' and known_key.name = asked.value ->> 'name'
      join known_token
        on known_token.account = known_key.account and known_token.name = preview.value ->> 'token'
      where asked.value ->> 'kind' = 'key'
      on conflict do nothing
      """, .text(text))
    try registerViewers(text)
  }

  /// What belonged to the key or URL when it was last asked for may not any more.
  private func dropOldTags(_ text: String) throws(StoreError) {
    try db.execute(
      """
      insert into known_key (account, name)
      select value ->> 'account', value ->> 'name' from json_each(?) where value ->> 'kind' = 'key'
      on conflict do nothing
      """, .text(text))
    try db.execute(
      """
      delete from tag where key_id in (
        select known_key.id from json_each(?) as asked
        join known_key on known_key.account = asked.value ->> 'account' and known_key.name = asked.value ->> 'name'
        where asked.value ->> 'kind' = 'key')
      """, .text(text))
    try db.execute(
      """
      update known_token set url = null where id in (
        select known_token.id from json_each(?) as asked
        cross join known_token indexed by tokens_of_a_url
          on known_token.account = asked.value ->> 'account' and known_token.url = asked.value ->> 'name'
        where asked.value ->> 'kind' = 'url')
      """, .text(text))
  }

  private func registerViewers(_ text: String) throws(StoreError) {
    try db.execute(
      """
      delete from viewer where token_id in (
        select known_token.id
        from json_each(?) as asked, json_each(asked.value, '$.previews') as preview
        join known_token
          on known_token.account = asked.value ->> 'account' and known_token.name = preview.value ->> 'token')
      """, .text(text))
    try db.execute(
      """
      insert into viewer (token_id, open_id, seen_day)
      select known_token.id, viewer.value ->> 0, viewer.value ->> 1
      from json_each(?) as asked, json_each(asked.value, '$.previews') as preview
      join known_token
        on known_token.account = asked.value ->> 'account' and known_token.name = preview.value ->> 'token'
      join json_each(preview.value, '$.viewers') as viewer
      where true
      on conflict do nothing
      """, .text(text))
  }
}
