import Doctor
import Planning
import Terminal

/// A command line, parsed and checked. Parsing touches no file or socket.
struct Invocation: Equatable {
  enum Action: Equatable {
    case help(HelpTopic)
    case version
    case enqueue(EnqueueAsks)
    case enqueueFile(EnqueueFile)
    case status(isCheck: Bool)
    case list(Listing)
    case listKey(KeyListing)
    case explain(Explain)
    case plan(Plan)
    case forecast
    case doctor(DoctorArguments)
    case metrics(Metrics)
    case report(Report)
    case top
    case retry(lane: String?)
    case cancel(lane: String)
    case resume(account: String)
    case prune(olderThan_ms: Int)
    case saw(Saw)
    case sawFile(SawFile)
    case forget(Forget)
    case create(group: String?)
    case demo
    case man(Man)
    case completions(CompletionShell)
    case completionValues(KnownNames)
    case handOver(HandingOver)
  }

  var global: GlobalOptions
  var action: Action

  init(parsing words: [String]) throws(Failure) {
    let (before, command, after) = Self.split(words)
    let options = try Self.globalOptions(before)
    global = try GlobalOptions(options)
    guard let command else {
      if options.has("--version") {
        action = .version
      } else if options.has("--help") {
        action = .help(.overview)
      } else {
        throw Failure(.usage, "no command given; run 'larkspur help' for usage")
      }
      return
    }
    let name = try CommandName(word: command)
    if let program = name.program {
      action = .handOver(HandingOver(program: program.name, words: program.words + before + after))
      return
    }
    let all = try Options(before + after, knowing: GlobalOptions.known + name.options)
    global = try GlobalOptions(all)
    action = try Self.action(name, all, global)
    // The same words mean the same to the program that can reach Feishu.
    if case .doctor(let arguments) = action, arguments.isOnline {
      action = .handOver(
        HandingOver(program: "larkspur-work", words: [name.rawValue] + before + after))
    }
  }

  /// The words but the command.
  static func others(in words: [String]) -> [String] {
    let (before, _, after) = split(words)
    return before + after
  }

  /// The command is the first word that is neither an option nor the value of one.
  private static func split(
    _ words: [String]
  ) -> (before: [String], command: String?, after: [String]) {
    var index = 0
    while index < words.count, words[index].hasPrefix("-"), words[index] != "--" {
      let takesNext = GlobalOptions.known.contains { $0.name == words[index] && $0.value == .one }
      index += takesNext ? 2 : 1
    }
    let before = Array(words.prefix(index))
    guard index < words.count else { return (before, nil, []) }
    return (before, words[index], Array(words.dropFirst(index + 1)))
  }

  /// Nil if no command is named, or one that does not exist.
  static func command(in words: [String]) -> CommandName? {
    split(words).command.flatMap { CommandName(rawValue: $0) }
  }

  private static func globalOptions(_ words: [String]) throws(Failure) -> Options {
    do throws(Failure) {
      return try Options(words, knowing: GlobalOptions.known)
    } catch {
      // The option may be valid, but only after its command.
      for word in words {
        let name = word.prefix { $0 != "=" }
        let owner = CommandName.allCases.first { $0.options.contains { $0.name == name } }
        if let owner {
          throw Failure(
            .usage, "\(name) must come after its command: larkspur \(owner.rawValue) … \(name)")
        }
      }
      throw error
    }
  }

  private static func action(
    _ name: CommandName, _ options: Options, _ global: GlobalOptions
  ) throws(Failure) -> Action {
    if options.has("--version") { return .version }
    // A typo in the kind does not keep the user from the help.
    if options.has("--help") { return .help(HelpTopic(name, kind: options.operands.first)) }
    switch name {
    case .enqueue: return try enqueue(options)
    case .status:
      try expectNoOperands(options, of: name)
      return .status(isCheck: options.has("--check"))
    case .list:
      return options.has("--key") ? .listKey(try KeyListing(options)) : .list(try Listing(options))
    case .explain: return .explain(Explain(word: try oneOperand(options, of: name, "LANE")))
    case .plan: return .plan(try Plan(options))
    case .forecast:
      try expectNoOperands(options, of: name)
      return .forecast
    case .doctor: return .doctor(try DoctorArguments(options))
    case .metrics: return .metrics(try Metrics(options, global))
    case .report: return .report(try Report(options))
    case .top:
      try expectNoOperands(options, of: name)
      if global.wantsJSON || global.isQuiet {
        throw Failure(
          .usage,
          "top draws on the terminal; leave --json and --quiet out, or use 'larkspur status'")
      }
      return .top
    case .retry: return .retry(lane: try laneToRetry(options))
    case .cancel: return .cancel(lane: try oneOperand(options, of: name, "LANE"))
    case .resume: return .resume(account: try accountToResume(options, global))
    case .prune: return .prune(olderThan_ms: try ageToPrune(options, global))
    case .saw: return try saw(options)
    case .forget: return .forget(try Forget(options))
    case .create:
      try expectNoOperands(options, of: name)
      return .create(group: try group(options))
    case .demo:
      try expectNoQueueNamed(options, global)
      return .demo
    case .man: return .man(try Man(options))
    case .completions: return try completions(options)
    case .help, .work, .ticket, .sandbox: return try help(options)
    }
  }

  private static func group(_ options: Options) throws(Failure) -> String? {
    guard let group = options.one("--group") else { return nil }
    if group.isEmpty { throw Failure(.usage, "--group is empty; give the name of a group") }
    return group
  }

  private static func expectNoQueueNamed(
    _ options: Options, _ global: GlobalOptions
  ) throws(Failure) {
    try expectNoOperands(options, of: .demo)
    let named = global.database != nil ? "--db" : global.account != nil ? "--account" : nil
    if let named {
      throw Failure(
        .usage,
        "the demo uses a temporary queue and account of its own; leave \(named) out")
    }
  }

  private static func help(_ options: Options) throws(Failure) -> Action {
    guard let word = options.operands.first else { return .help(.overview) }
    let name = try CommandName(word: word)
    if let program = name.program {
      return .handOver(HandingOver(program: program.name, words: program.words + ["--help"]))
    }
    let kind = name == .enqueue ? options.operands.dropFirst().first : nil
    if let kind { return .help(.enqueueKind(try Aim(word: kind))) }
    return .help(HelpTopic(name))
  }
}
