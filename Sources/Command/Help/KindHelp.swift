import Planning

/// The help for asks that name one kind of thing.
struct KindHelp {
  /// `larkspur enqueue card: …`
  let purpose: String
  let usage: String
  /// The operands and options of this kind. The options that all kinds share follow them.
  let words: String
  /// Example lines of a file given with `--from`.
  let lines: [String]
  /// What happens when a lane is asked for again before it was sent.
  let merging: String
  let examples: [String]

  init(of aim: Aim) {
    self =
      switch aim {
      case .lane(of: .preview): .preview
      case .lane(of: .card): .card
      case .lane(of: .session): .session
      case .previews(.key): .key
      case .previews(.url): .url
      }
  }

  private init(
    _ purpose: String, usage: String, words: String, lines: [String], merging: String,
    examples: [String]
  ) {
    self.purpose = purpose
    self.usage = usage
    self.words = words
    self.lines = lines
    self.merging = merging
    self.examples = examples
  }

  private static let preview = KindHelp(
    "refresh link previews", usage: "preview TOKEN… AUDIENCE",
    words: """
        TOKEN                  the preview_token of the event url.preview.get
        --open-id ID           refresh for this user (ou_…); may be repeated
        --open-ids-file FILE   refresh for these users, one open_id a line
        --everyone             refresh for every member of the chat; each of their
                               clients pulls again
      """,
    lines: [#"{"token":"…","open_ids":["ou_…"]}"#, #"{"token":"…","everyone":true}"#],
    merging: """
      Asks for a token that is already waiting are merged, so asking twice is harmless.
      """,
    examples: [
      "larkspur enqueue preview 3f1a… --open-id ou_1 --open-id ou_2",
      "larkspur enqueue preview 3f1a… --everyone --wait 30s",
      "make-list | larkspur enqueue preview --from -",
    ])

  private static let card = KindHelp(
    "update a card", usage: "card CARD_ID --actions FILE",
    words: """
        CARD_ID                the card_id, 1 to 20 characters
        --actions FILE         the JSON list of actions, at most 1,000,000
                               characters: [{"action":"…","params":{…}}]
        --uuid U               your own id for the batch, 1 to 64 characters, by
                               which Feishu recognises a repeat; the default is
                               random
        --sequence N           your own sequence number, larger than all before
                               it; the default is the next one
      """,
    lines: [#"{"card":"…","actions":[…],"uuid":"…","sequence":5}"#],
    merging: """
      A card's batches are all applied, in the order they were asked for. Give a --uuid if you
      may enqueue the same batch twice.
      """,
    examples: [
      "larkspur enqueue card 7355439197428236291 --actions batch.json",
      "make-batch | larkspur enqueue card 7355439197428236291 --actions - --wait",
    ])

  private static let session = KindHelp(
    "update fields of an Aily session", usage: "session SESSION_ID FIELDS",
    words: """
        SESSION_ID             session_…
        --channel-context S    at most 255 characters; '' clears it
        --metadata S           the same
      """,
    lines: [#"{"session":"…","channel_context":"…","metadata":"…"}"#],
    merging: """
      The last write of a field wins. A field that is not given keeps its value.
      """,
    examples: [
      #"larkspur enqueue session session_4dfunz7sp1g8m --metadata '{"step":2}'"#
    ])

  private static let key = KindHelp(
    "refresh all previews that were seen with a key", usage: "key KEY… REACH",
    words: """
        KEY                    what has changed, as 'larkspur saw' was told
        --everyone             refresh for every member of the chats
        --viewers              refresh for the users who were seen; a preview for
                               which none or more than 100 are known is
                               refreshed for everyone
      """,
    lines: [#"{"key":"…","everyone":true}"#, #"{"key":"…","viewers":true}"#],
    merging: """
      One ask is for all previews of its key. It is delivered once all of them are; if nobody has
      seen any, at once.
      """,
    examples: ["larkspur enqueue key ticket-1041 --everyone"])

  private static let url = KindHelp(
    "refresh all previews of a URL", usage: "url URL… REACH",
    words: """
        URL                    exactly as in the event, at most 2,048 characters
        --everyone, --viewers  as for a key
      """,
    lines: [#"{"url":"…","everyone":true}"#],
    merging: """
      An ask by URL is for all previews that were seen with exactly this URL.
      """,
    examples: ["larkspur enqueue url https://tickets.example/1041 --viewers"])
}
