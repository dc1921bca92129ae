import Basics

/// The script for fish: one line for each word or option that can follow.
struct FishCompletion {
  private let contexts: [CompletionContext]

  init(_ contexts: [CompletionContext]) { self.contexts = contexts }

  var script: String {
    """
    # Completion of larkspur \(larkspurVersion) for fish, made by: larkspur completions fish

    # Prints the options of the words $argv that take the next word as their value. Fails for words
    # that are no context.
    function __larkspur_takes
        switch "$argv"
    \(contexts.map(takes).joined(separator: "\n"))
            case '*'
                return 1
        end
    end

    \(Self.code)

    complete -c larkspur -f
    \(contexts.flatMap(lines).joined(separator: "\n"))
    """
  }

  private func takes(_ context: CompletionContext) -> String {
    let names = context.options.filter(\.takesWord).map(\.name)
    let print = names.isEmpty ? "true" : #"printf '%s\n' \#(names.joined(separator: " "))"#
    return """
              case \(ShellQuoting.fish(context.words))
                  \(print)
      """
  }

  private func lines(_ context: CompletionContext) -> [String] {
    let words = context.next.map { next in
      line(operand: context, [ShellQuoting.fish(next.word)], next.purpose)
    }
    let operand =
      context.operand == .free
      ? [] : [line(operand: context, [Self.candidates(context.operand)], "")]
    let options = context.options.map { option in
      let place = "-n \(ShellQuoting.fish("__larkspur_in \(ShellQuoting.fish(context.words))"))"
      return ["complete -c larkspur", place, "-l \(option.name.dropFirst(2))", Self.value(option)]
        .filter { !$0.isEmpty }.joined(separator: " ") + Self.description(option.purpose)
    }
    return words + operand + options
  }

  private func line(
    operand context: CompletionContext, _ words: [String], _ purpose: String
  ) -> String {
    let test =
      "__larkspur_in \(ShellQuoting.fish(context.words))"
      + (context.takesManyOperands ? "" : "; and __larkspur_is_first")
    return "complete -c larkspur -n \(ShellQuoting.fish(test)) -a \(words.joined(separator: " "))"
      + Self.description(purpose)
  }

  private static func description(_ purpose: String) -> String {
    purpose.isEmpty ? "" : " -d \(ShellQuoting.fish(purpose))"
  }

  private static func value(_ option: CompletedOption) -> String {
    if !option.takesWord { return "" }
    return switch option.completed {
    case .free: "-x"
    case .files: "-r -F"
    case .folders: "-x -a '(__fish_complete_directories)'"
    case let value: "-x -a \(candidates(value))"
    }
  }

  private static func candidates(_ value: CompletedValue) -> String {
    switch value {
    case .words(let words): ShellQuoting.fish(words.joined(separator: " "))
    case .names(let what): ShellQuoting.fish("(__larkspur_names \(what.rawValue))")
    default: "''"
    }
  }

  private static let code = #"""
    # Reads the words before the cursor: the context, how many operands follow it, and what the user
    # has said of the queue.
    function __larkspur_read
        set -g __larkspur_context
        set -g __larkspur_operands 0
        set -g __larkspur_queue
        set -l words (commandline -opc)
        set -l i 2
        while test $i -le (count $words)
            set -l word $words[$i]
            set i (math $i + 1)
            if not string match -q -- '-?*' $word
                set -l longer (string join ' ' $__larkspur_context $word)
                if test $__larkspur_operands -eq 0; and __larkspur_takes $longer >/dev/null
                    set -g __larkspur_context $longer
                else
                    set -g __larkspur_operands (math $__larkspur_operands + 1)
                end
            else if string match -q -r -- '^--(db|account)=' $word
                set -a __larkspur_queue $word
            else if contains -- $word (__larkspur_takes $__larkspur_context)
                if contains -- $word --db --account
                    set -a __larkspur_queue $word $words[$i]
                end
                set i (math $i + 1)
            end
        end
    end

    function __larkspur_in
        __larkspur_read
        test "$__larkspur_context" = "$argv"
    end

    function __larkspur_is_first
        test $__larkspur_operands -eq 0
    end

    # Prints the names in the queue that begin like the word at the cursor.
    function __larkspur_names
        __larkspur_read
        set -l program (string replace -r '^~/' "$HOME/" -- (commandline -opc)[1])
        if not type -q -f -- $program
            set program larkspur
        end
        set -l queue (string replace -r '^(--db=)?~/' "\$1$HOME/" -- $__larkspur_queue)
        set -l word (commandline -ct | string replace -r '^--[a-z-]*=' '')
        command $program completions values $argv $queue -- (string unescape -- "$word") 2>/dev/null
    end
    """#
}
