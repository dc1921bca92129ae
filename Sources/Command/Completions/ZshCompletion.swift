import Basics

/// The script for zsh: one function for each context, with a specification for each option.
struct ZshCompletion {
  private let contexts: [CompletionContext]

  init(_ contexts: [CompletionContext]) { self.contexts = contexts }

  var script: String {
    """
    #compdef larkspur
    # Completion of larkspur \(larkspurVersion) for zsh, made by: larkspur completions zsh

    \(contexts.map(function).joined(separator: "\n\n"))

    \(Self.code)
    """
  }

  private func function(_ context: CompletionContext) -> String {
    let options = context.options.map { "    \(ShellQuoting.posix(Self.specification($0)))" }
    let deeper = contexts.filter { $0.isDirectly(below: context) }
    let operands = operands(of: context, leadsOn: !deeper.isEmpty)
      .map { "    \(ShellQuoting.posix($0))" }
    var lines = ["\(Self.name(context))() {"]
    if !deeper.isEmpty { lines.append("  local curcontext=$curcontext state state_descr line") }
    let flags = deeper.isEmpty ? "-S" : "-C -S"
    lines.append("  _arguments \(flags) \\")
    lines.append((options + operands).joined(separator: " \\\n"))
    if !deeper.isEmpty {
      lines += ["  [[ $state == next ]] || return", "  case $line[1] in"]
      lines += deeper.map { "    \($0.lastWord)) \(Self.name($0)) ;;" } + ["  esac"]
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  private func operands(of context: CompletionContext, leadsOn: Bool) -> [String] {
    if !context.next.isEmpty {
      let entries = context.next.map {
        "\($0.word)\\:\(ShellQuoting.posix(Self.escaped($0.purpose)))"
      }
      let what = context.words.isEmpty ? "command" : "word"
      let first = "1:\(what):((\(entries.joined(separator: " "))))"
      return leadsOn ? [first, "*::argument:->next"] : [first]
    }
    if context.operand == .free { return [] }
    let place = context.takesManyOperands ? "*" : "1"
    return ["\(place):operand:\(Self.action(context.operand))"]
  }

  private static func specification(_ option: CompletedOption) -> String {
    let purpose = option.purpose.replacing("[", with: "\\[").replacing("]", with: "\\]")
    let value = "\(escaped(option.placeholder)):\(action(option.completed))"
    return switch option.value {
    case .none: "\(option.name)[\(purpose)]"
    case .one: "\(option.name)=[\(purpose)]:\(value)"
    case .many: "*\(option.name)=[\(purpose)]:\(value)"
    case .optional: "\(option.name)=[\(purpose)]::\(value)"
    case .attached: "\(option.name)=-[\(purpose)]::\(value)"
    }
  }

  private static func action(_ value: CompletedValue) -> String {
    switch value {
    case .free: " "
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .files: "_files"
    case .folders: "_files -/"
    case .names(let what): "_larkspur_names \(what.rawValue)"
    }
  }

  /// A colon ends a part of a specification.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
  }

  private static func name(_ context: CompletionContext) -> String {
    (["_larkspur"] + context.words.split(separator: " ").map(String.init)).joined(separator: "_")
      + (context.words.isEmpty ? "_all" : "")
  }

  /// The line is kept as it was, because zsh shortens `words` in deeper functions.
  private static let code = #"""
    _larkspur_names() {
      local db account i given
      local -a names arguments
      for ((i = 2; i < $#_larkspur_line; i++)); do
        case $_larkspur_line[i] in
          --db) db=${(Q)_larkspur_line[i+1]} ;;
          --db=*) db=${(Q)${_larkspur_line[i]#*=}} ;;
          --account) account=${(Q)_larkspur_line[i+1]} ;;
          --account=*) account=${(Q)${_larkspur_line[i]#*=}} ;;
        esac
      done
      if [[ $db == '~/'* ]]; then db=$HOME${db#'~'}; fi
      local program=${(Q)_larkspur_line[1]}
      if [[ $program == '~/'* ]]; then program=$HOME${program#'~'}; fi
      if ! whence -p -- "$program" >/dev/null; then program=larkspur; fi
      given=${(Q)PREFIX}
      arguments=(completions values "${@[-1]}")
      if [[ -n $db ]]; then arguments+=(--db "$db"); fi
      if [[ -n $account ]]; then arguments+=(--account "$account"); fi
      names=(${(f)"$("$program" "${arguments[@]}" -- "$given" 2>/dev/null)"})
      compadd "${@[1,-2]}" -a names
    }

    _larkspur() {
      local -a _larkspur_line=("${words[@]}")
      _larkspur_all
    }

    if [[ $funcstack[1] == _larkspur ]]; then
      _larkspur "$@"
    else
      compdef _larkspur larkspur
    fi
    """#
}

extension CompletionContext {
  var lastWord: String { words.split(separator: " ").last.map(String.init) ?? "" }

  /// Whether one more word leads from there to here.
  func isDirectly(below other: CompletionContext) -> Bool {
    !words.isEmpty && words == (other.words.isEmpty ? lastWord : "\(other.words) \(lastWord)")
  }
}
