import Basics

/// The script for bash: a table of what can follow, and the code that reads it.
struct BashCompletion {
  private let contexts: [CompletionContext]

  init(_ contexts: [CompletionContext]) { self.contexts = contexts }

  var script: String {
    """
    # Completion of larkspur \(larkspurVersion) for bash, made by: larkspur completions bash

    # Sets what can follow the words $1, and the values of the option $2. Fails for other words.
    _larkspur_table() {
      next='' operand='' many='' options='' takes='' value=''
      case $1 in
    \(contexts.map(entry).joined(separator: "\n"))
      *) return 1 ;;
      esac
    }

    \(Self.code)
    """
  }

  private func entry(_ context: CompletionContext) -> String {
    let takes = context.options.filter(\.takesWord).map(\.name)
    let values = context.options.filter { $0.completed != .free }
      .map { "      \($0.name)) value=\(ShellQuoting.posix($0.completed.code)) ;;" }
    let choice =
      values.isEmpty ? [] : ["    case $2 in"] + values + ["    esac"]
    let lines =
      [
        "  \(ShellQuoting.posix(context.words)))",
        "    next=\(ShellQuoting.posix(context.next.map(\.word).joined(separator: " ")))",
        "    operand=\(ShellQuoting.posix(context.operand.code))"
          + " many=\(context.takesManyOperands ? "1" : "''")",
        "    options=\(ShellQuoting.posix(context.options.map(\.name).joined(separator: " ")))",
        "    takes=\(ShellQuoting.posix(" \(takes.joined(separator: " ")) "))",
      ] + choice
    return lines.joined(separator: "\n") + " ;;"
  }
}
