extension HelpTopic {
  static let sawText = #"""
    larkspur saw: record that a client has requested a preview, and what the preview shows

    usage: larkspur saw TOKEN --key KEY [--key KEY …] [options]
           larkspur saw --from FILE [--key-from REGEX] [options]

      TOKEN             the preview_token of the callback url.preview.get
      --key KEY         what the preview shows, as you call it: ticket-1041; at most 16 for a token,
                        each 1 to 256 visible ASCII characters
      --url URL         the link, the callback's context.url
      --chat ID         the chat, the callback's context.open_chat_id; a signature has none
      --open-id ID      the user, the callback's operator.open_id
      --from FILE       read many sightings, one JSON object a line; - is standard input:
                          {"token":"…","key":"…","url":"…","chat":"…","open_id":"…","account":"…"}
                          {"token":"…","keys":["…","…"]}
                        or callbacks url.preview.get, decrypted, as Feishu sends them
      --key-from REGEX  find the keys of lines that name none in their URL. Every match is a key: what
                        its first group matches, or all of it if there is no group
      --account NAME    the account of the app (default: 'default')
      --db PATH         the queue (or LARKSPUR_DB)
      --json, --quiet   see: larkspur help

    Prints how many sightings were recorded. Previews of drafts have no token yet; they are skipped
    and counted. Every line is checked before the first is written.

    A sighting that says nothing new writes nothing. The worker forgets what was not seen for 30 days,
    and of a key with more than 1,000 previews those seen least recently.

    examples:
      larkspur saw 3f1a… --key ticket-1041 --chat oc_1 --open-id ou_1
      larkspur saw --from callbacks.ndjson --key-from '/tickets/(\d+)'

    exit: 0 recorded · 65 some of the input is invalid, nothing was recorded · 66 a file is missing ·
          73/74 the queue cannot be created/used
    """#

  static let forgetText = """
    larkspur forget: forget previews, keys or users that were seen, or a whole account

    usage: larkspur forget --token TOKEN [--account NAME] [--json]
           larkspur forget --key KEY [--account NAME] [--json]
           larkspur forget --open-id ID [--account NAME] [--json]
           larkspur forget --account NAME [--json]

      --token TOKEN   a preview: its keys and viewers
      --key KEY       a key. Previews that have no other key go with it
      --open-id ID    a user, as a viewer of all previews
      --account NAME  without the others, all that is stored about an account: a tenant of a store
                      app that has uninstalled it (APP.TENANT_KEY), or an account that is not in the
                      worker's configuration any more. What is pending for it is cancelled

    Says how many keys, previews and viewers were forgotten; a user counts once for each preview. What
    is seen again later is recorded again. Pending asks stay: see larkspur help cancel.

    examples:
      larkspur forget --open-id ou_7d8a6e6df7621556ce0d21922b676706ccs
      larkspur forget --account acme.2ed263bf32cf1651

    exit: 0 · 65 it was not seen, or the account is configured · 66 there is no queue · 74 it cannot
          be used, or the account made a call in the last two minutes
    """

  static let createText = """
    larkspur init: create an empty queue

    usage: larkspur init [--db PATH] [--group GROUP] [--json]
           larkspur init postgresql://HOST/DATABASE

      --group GROUP  let this group read and write the queue: its files get the mode 0660, and its
                     folder, which is created if it does not exist, 2770. The folder must hold
                     nothing else. Without it, the queue is its owner's alone (0600)

    For programs that use plain SQL, which need a queue to begin with; 'larkspur enqueue', 'larkspur
    saw' and 'larkspur work' create one by themselves. An existing queue is kept; if its schema is
    older, it is migrated. With --group, it is shared from now on, also while a worker runs.

    With an address of PostgreSQL, it makes the schema 'larkspur' there and the three roles, and
    prints what to grant. The queue is then one that several machines share.

    examples:
      larkspur init
      sudo larkspur init --db /var/lib/larkspur/queue.db --group larkspur

    exit: 0, also if it exists · 73 it cannot be created · 74 it cannot be used
    """
}
