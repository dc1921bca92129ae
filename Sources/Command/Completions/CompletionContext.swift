import Planning
import Terminal

/// What can follow some first words of a command line: `larkspur`, `larkspur enqueue` or
/// `larkspur enqueue card`.
struct CompletionContext: Equatable {
  /// `enqueue card`; empty before the command.
  let words: String
  let options: [CompletedOption]
  /// The words that can follow. Some lead to a context of their own.
  var next: [Next] = []
  /// What its operands are, if `next` is empty.
  var operand: CompletedValue = .free
  var takesManyOperands = false

  struct Next: Equatable {
    let word: String
    let purpose: String
  }
}

/// The contexts of all commands.
struct Completions {
  private(set) var contexts: [CompletionContext] = []
  /// The commands whose programs are missing, with the reason.
  private(set) var missing: [(command: CommandName, reason: Failure)] = []
  private let overview = HelpDocument(HelpTopic.overview.text)

  init() {
    contexts.append(
      CompletionContext(
        words: "", options: described(GlobalOptions.known, by: []), next: commands))
    for name in CommandName.allCases { add(name) }
  }

  private mutating func add(_ name: CommandName) {
    let help: HelpDocument
    do throws(Failure) { help = HelpDocument(try name.help()) } catch {
      missing.append((name, error))
      return contexts.append(CompletionContext(words: name.rawValue, options: []))
    }
    var context = CompletionContext(
      words: name.rawValue, options: options(of: name, help), next: words(after: name))
    (context.operand, context.takesManyOperands) = operand(of: name)
    contexts.append(context)
    switch name {
    case .enqueue: contexts += Aim.allCases.map(enqueueing)
    case .help:
      contexts.append(
        CompletionContext(words: "help enqueue", options: context.options, next: kinds))
    default: break
    }
  }

  private func options(of name: CommandName, _ help: HelpDocument) -> [CompletedOption] {
    if name.program == nil { return described(name.options + name.globalOptions, by: [help]) }
    let own = help.rows.flatMap(HelpedOption.all).map(CompletedOption.init)
    // Every program takes these, even if its help does not mention them.
    let common = described([Option("--help"), Option("--version")], by: [])
    return own + common.filter { option in !own.contains { $0.name == option.name } }
  }

  private func enqueueing(_ aim: Aim) -> CompletionContext {
    let ofOthers = Set(Aim.allOptions.map(\.name)).subtracting(aim.options.map(\.name))
    let options = (CommandName.enqueue.options + GlobalOptions.known)
      .filter { !ofOthers.contains($0.name) }
    var context = CompletionContext(
      words: "enqueue \(aim.rawValue)",
      options: described(options, by: [HelpDocument(HelpTopic.enqueueKind(aim).text)]))
    context.operand = .names(aim.names)
    context.takesManyOperands = aim != .lane(of: .card) && aim != .lane(of: .session)
    return context
  }

  private func described(_ options: [Option], by helps: [HelpDocument]) -> [CompletedOption] {
    options.map { CompletedOption($0, in: helps + [overview]) }
  }
}

extension Completions {
  private var commands: [CompletionContext.Next] {
    CommandName.allCases.map { name in
      let row = overview.rows.first { $0.term == name.rawValue }
      return CompletionContext.Next(word: name.rawValue, purpose: row?.prose ?? "")
    }
  }

  private var kinds: [CompletionContext.Next] {
    Aim.allCases.map {
      CompletionContext.Next(word: $0.rawValue, purpose: KindHelp(of: $0).purpose)
    }
  }

  private func words(after name: CommandName) -> [CompletionContext.Next] {
    switch name {
    case .enqueue: kinds
    case .help, .man: commands
    case .completions:
      CompletionShell.allCases.map {
        CompletionContext.Next(word: $0.rawValue, purpose: "print the script for \($0.rawValue)")
      }
    default: []
    }
  }

  private func operand(of name: CommandName) -> (CompletedValue, isRepeated: Bool) {
    switch name {
    case .list, .explain: (.names(.lanes), false)
    case .retry: (.names(.dead), false)
    case .cancel: (.names(.held), false)
    case .resume: (.names(.accounts), false)
    case .saw: (.names(.tokens), false)
    case .ticket: (.words(["-"]), false)
    default: (.free, false)
    }
  }
}

extension Aim {
  fileprivate var names: KnownNames.What {
    switch self {
    case .lane(of: .preview): .tokens
    case .lane(of: .card): .cards
    case .lane(of: .session): .sessions
    case .previews(.key): .keys
    case .previews(.url): .urls
    }
  }
}
