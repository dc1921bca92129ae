import QueueAccess
import Terminal

/// Whether a command is meant for a shared queue, whose place is an address and not a path.
package enum SharedPlace {
  static func isMeant(by words: [String]) throws(Failure) -> Bool {
    guard let name = Invocation.command(in: words), name.usesQueue else { return false }
    if words.contains("--help") || words.contains("--version") { return false }
    // It looks at the configuration alone, and the queue may be known only from the environment.
    if name == .work, words.contains("--check"), !words.contains(where: { $0.hasPrefix("--db") }) {
      return false
    }
    return try address(in: words) != nil
  }

  /// The address, if there is one: `--db` wins over `LARKSPUR_DB`, as for a path. `init` takes it as its word, too.
  package static func address(in words: [String]) throws(Failure) -> String? {
    for (index, word) in words.enumerated() {
      if word.hasPrefix("--db=") { return try address(String(word.dropFirst(5))) }
      if word == "--db" { return index + 1 < words.count ? try address(words[index + 1]) : nil }
    }
    if let word = operandOfInit(words) { return word }
    guard let place = try environmentVariable("LARKSPUR_DB") else { return nil }
    return try address(place)
  }

  /// The words as if the address that follows `init` had not been said.
  static func withoutAddress(_ words: [String]) -> [String] {
    guard let operand = operandOfInit(words) else { return words }
    return words.filter { $0 != operand }
  }

  private static func operandOfInit(_ words: [String]) -> String? {
    guard Invocation.command(in: words) == .create else { return nil }
    return zip(words, words.dropFirst()).first { before, word in
      before != "--db" && isAddress(word)
    }?.1
  }

  /// The words of `larkspur work`; nil if another command is meant.
  package static func wordsOfWork(in words: [String]) -> [String]? {
    Invocation.command(in: words) == .work ? Invocation.others(in: words) : nil
  }

  private static func address(_ place: String) throws(Failure) -> String? {
    // libpq reads this as well, and for larkspur it would be a file with a strange name.
    if ["host=", "dbname=", "service="].contains(where: place.hasPrefix) {
      throw Failure(
        .usage,
        "'\(printable(place))' is no path; give the address of a shared queue as a URL: "
          + "postgresql://HOST/DATABASE, or postgresql:///DATABASE?host=/var/run/postgresql for a socket"
      )
    }
    return isAddress(place) ? place : nil
  }

  private static func isAddress(_ place: String) -> Bool {
    place.hasPrefix("postgresql://") || place.hasPrefix("postgres://")
  }
}

extension CommandName {
  fileprivate var usesQueue: Bool {
    switch self {
    case .sandbox, .ticket, .demo, .man, .completions, .help: false
    default: true
    }
  }
}
