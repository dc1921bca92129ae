extension HelpTopic {
  static let enqueueText = """
    larkspur enqueue: ask for something to be updated

    usage: larkspur enqueue preview TOKEN… AUDIENCE [options]
           larkspur enqueue card CARD_ID --actions FILE [options]
           larkspur enqueue session SESSION_ID FIELDS [options]
           larkspur enqueue KIND --from FILE [options]

    preview: is shown anew
      TOKEN                  the preview_token of the event url.preview.get
      --open-id ID           a person who shall see it anew; once for each
      --open-ids-file FILE   such people, one open_id a line
      --everyone             every member of the chat; each of their clients
                             pulls again
    card: its actions are applied, batch after batch
      CARD_ID                the card_id, 1 to 20 characters
      --actions FILE         the JSON list of actions, at most 1,000,000
                             characters: [{"action":"…","params":{…}}]
      --uuid U               a name of your own by which Feishu recognises the
                             batch, 1 to 64 characters; one is made up otherwise
      --sequence N           a number of your own, larger than all before it;
                             the next one is given otherwise
    session: its fields are written; the last write wins, and a field that is
    not given is left as it is
      SESSION_ID             session_…
      --channel-context S    at most 255 characters; '' empties it
      --metadata S           the same

    options
      --after 10s            not sent before this long has passed
      --expires-in 10m       not sent once this long has passed
      --wait [TIMEOUT]       return when all are delivered; without TIMEOUT,
                             however long it takes
      --from FILE            many asks of one kind, one JSON object a line:
                               {"token":"…","open_ids":["ou_…"]}
                               {"token":"…","everyone":true}
                               {"card":"…","actions":[…],"uuid":"…","sequence":5}
                               {"session":"…","channel_context":"…","metadata":"…"}
                             Every line is checked before the first is written.

    For FILE, - is standard input. Spans are a number and a unit: 500ms, 10s,
    5m, 2h, 7d. Prints the number of each ask on its own line; with --from, how
    many there are. When it returns 0 they are on disk.

    Asks for a token or session that waits already merge with it, so asking
    twice is harmless. A card's batches are all applied, in their order: give a
    --uuid if you may ask for one twice.

    examples:
      larkspur enqueue preview 3f1a… --open-id ou_1 --open-id ou_2
      larkspur enqueue preview 3f1a… --everyone --wait 30s
      make-list | larkspur enqueue preview --from -
      larkspur enqueue card 7355439197428236291 --actions batch.json
      make-batch | larkspur enqueue card 7355439197428236291 --actions - --wait
      larkspur enqueue session session_4dfunz7sp1g8m --metadata '{"step":2}'

    exit: 0 enqueued, with --wait delivered · 1 with --wait: one is dead,
          expired or cancelled · 65 something in it is wrong, nothing was
          enqueued · 66 a file is missing · 73/74 the queue cannot be made/used ·
          75 with --wait: the time is up
    """
}
