import Terminal

extension Invocation {
  static func expectNoOperands(_ options: Options, of name: CommandName) throws(Failure) {
    if let extra = options.operands.first {
      throw Failure(
        .usage,
        "larkspur \(name.rawValue) takes no arguments, but was given '\(printable(extra))'")
    }
  }

  static func oneOperand(
    _ options: Options, of name: CommandName, _ placeholder: String
  ) throws(Failure) -> String {
    guard let word = options.operands.first, !word.isEmpty else {
      throw Failure(
        .usage,
        "no \(placeholder.lowercased()) given; usage: larkspur \(name.rawValue) \(placeholder)")
    }
    if options.operands.count > 1 {
      throw Failure(
        .usage,
        "larkspur \(name.rawValue) takes one \(placeholder) at a time, but was given "
          + "\(options.operands.count)")
    }
    return word
  }

  /// The lane to retry, or nil for everything that is dead.
  static func laneToRetry(_ options: Options) throws(Failure) -> String? {
    switch (options.has("--all-dead"), options.operands.isEmpty) {
    case (true, true): return nil
    case (true, false):
      throw Failure(.usage, "retry takes either a LANE or --all-dead, not both")
    case (false, true):
      throw Failure(
        .usage, "no lane given; usage: larkspur retry LANE, or larkspur retry --all-dead")
    case (false, false): return try oneOperand(options, of: .retry, "LANE")
    }
  }

  static func accountToResume(
    _ options: Options, _ global: GlobalOptions
  ) throws(Failure) -> String {
    guard let named = global.account else {
      return try oneOperand(options, of: .resume, "ACCOUNT")
    }
    if options.operands.isEmpty || options.operands == [named] { return named }
    throw Failure(.usage, "resume takes one account, but was given two")
  }

  static func ageToPrune(_ options: Options, _ global: GlobalOptions) throws(Failure) -> Int {
    try expectNoOperands(options, of: .prune)
    if global.account != nil {
      throw Failure(.usage, "prune deletes the history of all accounts; leave --account out")
    }
    guard let age = options.one("--older-than") else {
      throw Failure(.usage, "no age given; usage: larkspur prune --older-than 7d")
    }
    return try parseDuration(age)
  }
}
