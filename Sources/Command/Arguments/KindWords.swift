import Planning
import Terminal

/// The words the command line uses for each kind.
extension Kind {
  /// The options that only this kind takes.
  var options: [Option] {
    switch self {
    case .preview:
      [Option("--open-id", .many), Option("--open-ids-file", .one), Option("--everyone")]
    case .card: [Option("--actions", .one), Option("--uuid", .one), Option("--sequence", .one)]
    case .session: [Option("--channel-context", .one), Option("--metadata", .one)]
    }
  }

  var plural: String { "\(rawValue)s" }

  /// What each line of a `--from` file names.
  var lanes: String {
    switch self {
    case .preview: "tokens"
    case .card, .session: plural
    }
  }

  /// What else each line of a `--from` file holds.
  var lineHolds: String {
    switch self {
    case .preview: "names its own audience"
    case .card: "has its own actions, uuid and sequence"
    case .session: "has its own fields"
    }
  }

  var example: String {
    switch self {
    case .preview: "larkspur enqueue preview TOKEN --everyone"
    case .card: "larkspur enqueue card CARD_ID --actions FILE"
    case .session: "larkspur enqueue session SESSION_ID --metadata TEXT"
    }
  }

  init(word: String?) throws(Failure) {
    guard let word else {
      throw Failure(
        .usage,
        "nothing to enqueue; usage: \(Kind.preview.example) (see 'larkspur help enqueue')")
    }
    guard let kind = Kind(rawValue: word) else {
      let all = Kind.allCases.map(\.rawValue)
      let near = nearest(to: word, among: all).map { "did you mean '\($0)'?" }
      let hint = near ?? "use one of \(all.joined(separator: ", ")): \(Kind.preview.example)"
      throw Failure(.usage, "unknown kind '\(printable(word))'; \(hint)")
    }
    self = kind
  }
}
