import Terminal

/// `enqueue preview TOKEN…`: one ask for each token.
struct EnqueuePreviews: Equatable {
  /// Where the people come from.
  enum Audience: Equatable {
    case everyone
    case people([String])
    case file(String)
  }

  enum Wait: Equatable {
    case forEver
    case milliseconds(Int)
  }

  var tokens: [String]
  var audience: Audience
  var timing = Timing()
  var wait: Wait?
}

/// `enqueue preview --from FILE`: one ask for each line.
struct EnqueueFile: Equatable {
  /// `-` is standard input.
  var source: String
  var timing = Timing()
}

/// When asks may go, counted from now.
struct Timing: Equatable {
  var after_ms = 0
  var expiresIn_ms: Int?

  init() {}

  init(_ options: Options) throws(Failure) {
    if let span = options.one("--after") { after_ms = try parseDuration(span) }
    if let span = options.one("--expires-in") { expiresIn_ms = try parseDuration(span) }
  }
}

extension Invocation {
  static func enqueue(_ options: Options) throws(Failure) -> Action {
    try expectPreview(options.operands.first)
    let tokens = Array(options.operands.dropFirst())
    if let source = options.one("--from") {
      return .enqueueFile(try enqueueFile(source, tokens, options))
    }
    let audience = try audience(options)
    try check(tokens)
    var order = EnqueuePreviews(tokens: tokens, audience: audience)
    order.timing = try Timing(options)
    if options.has("--wait") {
      let span = try options.one("--wait").map(parseDuration)
      order.wait = span.map { .milliseconds($0) } ?? .forEver
    }
    return .enqueue(order)
  }

  private static func expectPreview(_ kind: String?) throws(Failure) {
    let example = "larkspur enqueue preview TOKEN --everyone"
    switch kind {
    case "preview": return
    case nil: throw Failure(.usage, "enqueue what? Write: \(example)")
    case "card", "session":
      throw Failure(
        .usage, "this version enqueues previews only, not \(kind ?? "this")s. Write: \(example)")
    case let kind?:
      let near = nearest(to: kind, among: ["preview"]).map { "Did you mean \($0)?" }
      let hint = near ?? "This version enqueues previews: \(example)"
      throw Failure(.usage, "there is no kind '\(printable(kind))' to enqueue. \(hint)")
    }
  }

  private static func enqueueFile(
    _ source: String, _ tokens: [String], _ options: Options
  ) throws(Failure) -> EnqueueFile {
    if !tokens.isEmpty {
      throw Failure(
        .usage, "with --from the tokens stand in the file; leave '\(printable(tokens[0]))' out.")
    }
    for name in ["--open-id", "--open-ids-file", "--everyone"] where options.has(name) {
      throw Failure(.usage, "with --from each line names its own audience; leave \(name) out.")
    }
    if options.has("--wait") {
      throw Failure(
        .usage,
        "--wait is for single asks: a file may take hours to deliver. Leave it out and look with "
          + "larkspur status, or let larkspur work --until-empty deliver it.")
    }
    return EnqueueFile(source: source, timing: try Timing(options))
  }

  private static func audience(_ options: Options) throws(Failure) -> EnqueuePreviews.Audience {
    let people = options.many("--open-id")
    let file = options.one("--open-ids-file")
    switch (people.isEmpty, file, options.has("--everyone")) {
    case (true, nil, false):
      throw Failure(
        .usage,
        "for whom? Give --open-id ID for each person who shall see it anew, or --everyone. "
          + "Leaving both out is not allowed: it would make every member of the chat pull again.")
    case (_, _, true) where !people.isEmpty || file != nil:
      throw Failure(
        .usage, "two audiences: give either --everyone or the open_ids of some people, not both.")
    case (false, _?, _):
      throw Failure(
        .usage, "two audiences: give either --open-id or --open-ids-file, with all people in one.")
    case (_, let file?, _): return .file(file)
    case (_, nil, true): return .everyone
    default: return .people(try checked(people))
    }
  }

  private static func checked(_ people: [String]) throws(Failure) -> [String] {
    if let list = people.first(where: { $0.contains(",") }) {
      throw Failure(
        .usage,
        "'\(printable(list))' is not one open_id. Give --open-id once for each person, or a file "
          + "with --open-ids-file.")
    }
    return people
  }

  private static func check(_ tokens: [String]) throws(Failure) {
    if tokens.isEmpty {
      throw Failure(
        .usage,
        "which preview? Give at least one token: larkspur enqueue preview TOKEN --open-id ou_1")
    }
    // `--open-id ou_1 ou_2` would otherwise refresh a preview that does not exist.
    if let person = tokens.first(where: { $0.hasPrefix("ou_") }) {
      throw Failure(
        .usage,
        "'\(printable(person))' is an open_id where a token belongs. Write --open-id before each "
          + "open_id.")
    }
  }
}
