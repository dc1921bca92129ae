import Planning

/// The help for enqueueing one kind.
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

  init(of kind: Kind) {
    self =
      switch kind {
      case .preview: .preview
      case .card: .card
      case .session: .session
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
}
