import Planning
import Terminal

extension Invocation {
  static func enqueue(_ options: Options) throws(Failure) -> Action {
    let aim = try Aim(word: options.operands.first)
    let lanes = Array(options.operands.dropFirst())
    try expectNoOptionsOfOthers(than: aim, options)
    if let source = options.one("--from") {
      return .enqueueFile(try enqueueFile(aim, source, lanes, options))
    }
    let content: EnqueueAsks.Content =
      switch aim {
      case .lane(of: .preview): try previews(lanes, options)
      case .lane(of: .card): try card(lanes, options)
      case .lane(of: .session): try session(lanes, options)
      case .previews(let selector): try previews(by: selector, lanes, options)
      }
    var order = EnqueueAsks(content: content, timing: try Timing(options))
    if options.has("--wait") {
      let span = try options.one("--wait").map(parseDuration)
      order.wait = span.map { .milliseconds($0) } ?? .forEver
    }
    return .enqueue(order)
  }

  private static func expectNoOptionsOfOthers(
    than aim: Aim, _ options: Options
  ) throws(Failure) {
    let own = aim.options.map(\.name)
    for other in Aim.allCases where other != aim {
      for option in other.options where options.has(option.name) && !own.contains(option.name) {
        throw Failure(
          .usage,
          "\(option.name) is for \(other.plural); a \(aim.name) takes \(own.joined(separator: ", "))"
        )
      }
    }
  }

  private static func enqueueFile(
    _ aim: Aim, _ source: String, _ lanes: [String], _ options: Options
  ) throws(Failure) -> EnqueueFile {
    if !lanes.isEmpty {
      throw Failure(
        .usage,
        "with --from, the \(aim.lanes) come from the file; leave '\(printable(lanes[0]))' out")
    }
    for option in aim.options where options.has(option.name) {
      throw Failure(
        .usage, "with --from, each line \(aim.lineHolds); leave \(option.name) out")
    }
    if options.has("--wait") {
      throw Failure(
        .usage,
        "--wait is for single asks: a file may take hours to deliver; leave it out and check with "
          + "'larkspur status', or run 'larkspur work --until-empty'")
    }
    return EnqueueFile(aim: aim, source: source, timing: try Timing(options))
  }
}

extension Invocation {
  private static func previews(
    by selector: Selector, _ names: [String], _ options: Options
  ) throws(Failure) -> EnqueueAsks.Content {
    let aim = Aim.previews(by: selector)
    if names.isEmpty { throw Failure(.usage, "no \(aim.name) given; usage: \(aim.example)") }
    switch (options.has("--everyone"), options.has("--viewers")) {
    case (true, true):
      throw Failure(.usage, "two audiences: give either --everyone or --viewers, not both")
    case (false, false):
      throw Failure(
        .usage,
        "no audience given; add --everyone, which makes every member of the chats pull again, or "
          + "--viewers for the users who were seen")
    case (let isForEveryone, _):
      return .previewsBy(selector, names, isForEveryone ? .everyone : .viewers)
    }
  }
}

// Cards and sessions.
extension Invocation {
  private static func card(
    _ cards: [String], _ options: Options
  ) throws(Failure) -> EnqueueAsks.Content {
    let card = try one(cards, of: .lane(of: .card))
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
    let session = try one(sessions, of: .lane(of: .session))
    let context = options.one("--channel-context")
    let metadata = options.one("--metadata")
    if context == nil && metadata == nil {
      throw Failure(
        .usage,
        "no fields given; add --channel-context TEXT, --metadata TEXT or both")
    }
    return .session(session, channelContext: context, metadata: metadata)
  }

  private static func one(_ lanes: [String], of aim: Aim) throws(Failure) -> String {
    guard let lane = lanes.first else {
      throw Failure(.usage, "no \(aim.name) given; usage: \(aim.example)")
    }
    if lanes.count > 1 {
      throw Failure(
        .usage,
        "enqueue takes one \(aim.name) at a time, but was given \(lanes.count); for many, run "
          + "'larkspur enqueue \(aim.rawValue) --from FILE'")
    }
    return lane
  }
}
