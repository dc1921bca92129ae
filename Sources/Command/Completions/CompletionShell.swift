import Terminal

/// `completions SHELL`: a script that completes command lines of `larkspur`.
enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish

  init(word: String) throws(Failure) {
    guard let shell = CompletionShell(rawValue: word) else {
      let all = CompletionShell.allCases.map(\.rawValue)
      let near = nearest(to: word, among: all).map { "did you mean '\($0)'?" }
      throw Failure(
        .usage,
        "unknown shell '\(printable(word))'; \(near ?? "use one of \(all.joined(separator: ", "))")"
      )
    }
    self = shell
  }

  func run(_ global: GlobalOptions) {
    let completions = Completions()
    for (command, reason) in completions.missing {
      global.say("no options of \(command.rawValue) in the script: \(reason.sentence)")
    }
    Output.result(script(completions))
  }

  func script(_ completions: Completions) -> String {
    switch self {
    case .bash: BashCompletion(completions.contexts).script
    case .zsh: ZshCompletion(completions.contexts).script
    case .fish: FishCompletion(completions.contexts).script
    }
  }
}

extension Invocation {
  static func completions(_ options: Options) throws(Failure) -> Action {
    let words = options.operands
    guard let first = words.first else {
      throw Failure(.usage, "no shell given; usage: larkspur completions bash")
    }
    // Only the scripts run this, so it is not in the help.
    if first == "values", words.count > 1, let what = KnownNames.What(rawValue: words[1]) {
      return .completionValues(KnownNames(what: what, prefix: words.count > 2 ? words[2] : ""))
    }
    if words.count > 1 {
      throw Failure(
        .usage, "larkspur completions takes one shell at a time, but was given \(words.count)")
    }
    return .completions(try CompletionShell(word: first))
  }
}
