import Planning
import Terminal

extension Invocation {
  static func enqueue(_ options: Options) throws(Failure) -> Action {
    let kind = try Kind(word: options.operands.first)
    let lanes = Array(options.operands.dropFirst())
    try expectNoOptionsOfOthers(than: kind, options)
    if let source = options.one("--from") {
      return .enqueueFile(try enqueueFile(kind, source, lanes, options))
    }
    let content: EnqueueAsks.Content =
      switch kind {
      case .preview: try previews(lanes, options)
      case .card: try card(lanes, options)
      case .session: try session(lanes, options)
      }
    var order = EnqueueAsks(content: content, timing: try Timing(options))
    if options.has("--wait") {
      let span = try options.one("--wait").map(parseDuration)
      order.wait = span.map { .milliseconds($0) } ?? .forEver
    }
    return .enqueue(order)
  }

  private static func expectNoOptionsOfOthers(
    than kind: Kind, _ options: Options
  ) throws(Failure) {
    for other in Kind.allCases where other != kind {
      for option in other.options where options.has(option.name) {
        let own = kind.options.map(\.name).joined(separator: ", ")
        throw Failure(
          .usage, "\(option.name) is for \(other.plural); a \(kind.rawValue) takes \(own)")
      }
    }
  }

  private static func enqueueFile(
    _ kind: Kind, _ source: String, _ lanes: [String], _ options: Options
  ) throws(Failure) -> EnqueueFile {
    if !lanes.isEmpty {
      throw Failure(
        .usage,
        "with --from, the \(kind.lanes) come from the file; leave '\(printable(lanes[0]))' out")
    }
    for option in kind.options where options.has(option.name) {
      throw Failure(
        .usage, "with --from, each line \(kind.lineHolds); leave \(option.name) out")
    }
    if options.has("--wait") {
      throw Failure(
        .usage,
        "--wait is for single asks: a file may take hours to deliver; leave it out and check with "
          + "'larkspur status', or run 'larkspur work --until-empty'")
    }
    return EnqueueFile(kind: kind, source: source, timing: try Timing(options))
  }
}

// Cards and sessions.
extension Invocation {
  private static func card(
    _ cards: [String], _ options: Options
  ) throws(Failure) -> EnqueueAsks.Content {
    let card = try one(cards, of: .card)
    guard let source = options.one("--actions") else {
      throw Failure(
        .usage,
        "no actions given; add --actions FILE, a file that holds the JSON list of actions (- is "
          + "standard input)")
    }
    if source.first == "[" || source.first == "{" {
      throw Failure(
        .usage,
        "--actions takes a file, not the actions themselves; to give them directly: "
          + "echo '[…]' | larkspur enqueue card \(printable(card)) --actions -")
    }
    let sequence = try options.one("--sequence").map { (word) throws(Failure) in
      guard let number = Int(word) else {
        throw Failure(
          .usage, "--sequence takes a whole number from 1 to 2147483647, not '\(printable(word))'")
      }
      return number
    }
    return .card(
      card, EnqueueAsks.Batch(source: source, uuid: options.one("--uuid"), sequence: sequence))
  }

  private static func session(
    _ sessions: [String], _ options: Options
  ) throws(Failure) -> EnqueueAsks.Content {
    let session = try one(sessions, of: .session)
    let context = options.one("--channel-context")
    let metadata = options.one("--metadata")
    if context == nil && metadata == nil {
      throw Failure(
        .usage,
        "no fields given; add --channel-context TEXT, --metadata TEXT or both")
    }
    return .session(session, channelContext: context, metadata: metadata)
  }

  private static func one(_ lanes: [String], of kind: Kind) throws(Failure) -> String {
    guard let lane = lanes.first else {
      throw Failure(.usage, "no \(kind.rawValue) given; usage: \(kind.example)")
    }
    if lanes.count > 1 {
      throw Failure(
        .usage,
        "enqueue takes one \(kind.rawValue) at a time, but was given \(lanes.count); for many, run "
          + "'larkspur enqueue \(kind.rawValue) --from FILE'")
    }
    return lane
  }
}
