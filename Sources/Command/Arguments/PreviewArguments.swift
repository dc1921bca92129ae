import Terminal

extension Invocation {
  static func previews(
    _ tokens: [String], _ options: Options
  ) throws(Failure) -> EnqueueAsks.Content {
    let audience = try audience(options)
    try check(tokens)
    return .previews(tokens: tokens, audience)
  }

  private static func audience(_ options: Options) throws(Failure) -> EnqueueAsks.Audience {
    let people = options.many("--open-id")
    let file = options.one("--open-ids-file")
    switch (people.isEmpty, file, options.has("--everyone")) {
    case (true, nil, false):
      throw Failure(
        .usage,
        "no users given; add --open-id ID for each user, or --everyone, which makes every member "
          + "of the chat pull again")
    case (_, _, true) where !people.isEmpty || file != nil:
      throw Failure(.usage, "two audiences: give either --everyone or open_ids, not both")
    case (false, _?, _):
      throw Failure(.usage, "two audiences: give either --open-id or --open-ids-file, not both")
    case (_, let file?, _): return .file(file)
    case (_, nil, true): return .everyone
    default: return .people(try checked(people))
    }
  }

  private static func checked(_ people: [String]) throws(Failure) -> [String] {
    if let list = people.first(where: { $0.contains(",") }) {
      throw Failure(
        .usage,
        "'\(printable(list))' is not a single open_id; repeat --open-id for each user, or use "
          + "--open-ids-file")
    }
    return people
  }

  private static func check(_ tokens: [String]) throws(Failure) {
    if tokens.isEmpty {
      throw Failure(
        .usage,
        "no preview token given; usage: larkspur enqueue preview TOKEN --open-id ou_1")
    }
    // `--open-id ou_1 ou_2` would otherwise refresh a preview that does not exist.
    if let person = tokens.first(where: { $0.hasPrefix("ou_") }) {
      throw Failure(
        .usage,
        "'\(printable(person))' is an open_id, not a preview token; write --open-id before each "
          + "open_id")
    }
  }
}
