import Planning

extension HelpTopic {
  static let enqueueText = enqueueText(
    title: "larkspur enqueue: ask to refresh previews, or to update cards or sessions",
    hint: "Help for one kind: larkspur enqueue card --help", Aim.allCases)

  static func enqueueText(of aim: Aim) -> String {
    enqueueText(
      title: "larkspur enqueue \(aim.rawValue): \(KindHelp(of: aim).purpose)", hint: nil, [aim])
  }

  private static func enqueueText(title: String, hint: String?, _ kinds: [Aim]) -> String {
    let helps = kinds.map { KindHelp(of: $0) }
    var paragraphs = [title, usage(kinds)]
    if let hint { paragraphs.append(hint) }
    paragraphs += zip(kinds, helps).map { kind, help in
      kinds.count > 1 ? "\(kind.rawValue): \(help.purpose)\n\(help.words)" : help.words
    }
    paragraphs += [
      options(of: kinds, lines: helps.flatMap(\.lines)), common,
      helps.map(\.merging).joined(separator: "\n"),
      examples(helps.flatMap(\.examples)), exits,
    ]
    return paragraphs.joined(separator: "\n\n")
  }

  private static func usage(_ kinds: [Aim]) -> String {
    let each = kinds.map { "\(KindHelp(of: $0).usage) [options]" }
    let file = kinds.count > 1 ? "KIND" : kinds[0].rawValue
    let lines = (each + ["\(file) --from FILE [options]"]).map { "larkspur enqueue \($0)" }
    return "usage: " + lines.joined(separator: "\n       ")
  }

  private static func options(of kinds: [Aim], lines: [String]) -> String {
    let indent = String(repeating: " ", count: 27)
    return """
      \(kinds.count > 1 ? "options of all kinds" : "options")
        --urgent               go before asks that are not; while those wait, at most
                               four of five calls are for urgent ones
        --after 10s            wait at least this long before sending
        --expires-in 10m       expire if not sent within this time
        --wait [TIMEOUT]       wait until all are delivered; without TIMEOUT,
                               however long that takes
        --from FILE            read many asks of one kind, one JSON object a line:
      \(lines.map { indent + $0 }.joined(separator: "\n"))
                               Every line is checked before the first is written.
                               A line may also hold "urgent":true or false.
        --account NAME         the account to send with (default: 'default')
        --db PATH              the queue (or LARKSPUR_DB)
        --json, --quiet        see: larkspur help
      """
  }

  private static let common = """
    A FILE of - is standard input. A duration is a number and a unit: 500ms, 10s, 5m, 2h, 7d.
    Prints the id of each ask on a line of its own; with --from, only how many there are. When it
    exits with 0, they are on disk.
    """

  private static func examples(_ lines: [String]) -> String {
    "examples:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
  }

  private static let exits = """
    exit: 0 enqueued, with --wait delivered · 1 with --wait: one is dead, expired or cancelled ·
          65 some of the input is invalid, nothing was enqueued · 66 a file is missing ·
          73/74 the queue cannot be created/used · 75 with --wait: time is up
    """
}
