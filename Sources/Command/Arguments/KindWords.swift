import Planning
import Terminal

/// The words the command line uses for what an ask can name.
extension Aim {
  /// The options that it takes.
  var options: [Option] {
    switch self {
    case .lane(of: .preview):
      [Option("--open-id", .many), Option("--open-ids-file", .one), Option("--everyone")]
    case .lane(of: .card):
      [Option("--actions", .one), Option("--uuid", .one), Option("--sequence", .one)]
    case .lane(of: .session): [Option("--channel-context", .one), Option("--metadata", .one)]
    case .previews: [Option("--everyone"), Option("--viewers")]
    }
  }

  /// All options, each once.
  static let allOptions = allCases.flatMap(\.options).reduce(into: [Option]()) { all, option in
    if !all.contains(where: { $0.name == option.name }) { all.append(option) }
  }

  var plural: String { "\(name)s" }

  /// As a noun in a sentence.
  var name: String { self == .previews(by: .url) ? "URL" : rawValue }

  /// What each line of a `--from` file names.
  var lanes: String { self == .preview ? "tokens" : plural }

  /// What else each line of a `--from` file holds.
  var lineHolds: String {
    switch self {
    case .lane(of: .preview), .previews: "names its own audience"
    case .lane(of: .card): "has its own actions, uuid and sequence"
    case .lane(of: .session): "has its own fields"
    }
  }

  var example: String {
    switch self {
    case .lane(of: .preview): "larkspur enqueue preview TOKEN --everyone"
    case .lane(of: .card): "larkspur enqueue card CARD_ID --actions FILE"
    case .lane(of: .session): "larkspur enqueue session SESSION_ID --metadata TEXT"
    case .previews(.key): "larkspur enqueue key KEY --everyone"
    case .previews(.url): "larkspur enqueue url URL --everyone"
    }
  }

  init(word: String?) throws(Failure) {
    guard let word else {
      throw Failure(
        .usage,
        "nothing to enqueue; usage: \(Aim.preview.example) (see 'larkspur help enqueue')")
    }
    guard let aim = Aim(rawValue: word) else {
      let all = Aim.allCases.map(\.rawValue)
      let near = nearest(to: word, among: all).map { "did you mean '\($0)'?" }
      let hint = near ?? "use one of \(all.joined(separator: ", ")): \(Aim.preview.example)"
      throw Failure(.usage, "unknown kind '\(printable(word))'; \(hint)")
    }
    self = aim
  }
}
