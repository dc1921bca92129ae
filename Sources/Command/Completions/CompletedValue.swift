import Planning

/// What can be typed in one place of a command line.
enum CompletedValue: Equatable {
  /// Anything; nothing is offered.
  case free
  case words([String])
  case files
  case folders
  case names(KnownNames.What)

  /// The value of an option, judged by its name and by the word that its help has for it.
  init(of option: String, placeholder: String) {
    self =
      switch (option, placeholder) {
      case ("--state", _):
        .words(Listing.State.allCases.map { $0.rawValue.replacing(" ", with: "-") })
      case ("--kind", _): .words(Aim.allCases.map(\.rawValue))
      case ("--log", _): .words(["text", "json"])
      case ("--account", _): .names(.accounts)
      case ("--key", "KEY"): .names(.keys)
      case ("--token", "TOKEN"): .names(.tokens)
      case (_, "FILE"), (_, "PATH"): .files
      case (_, "DIR"): .folders
      default: .free
      }
  }
}
