import Planning
import Terminal
import Testing

@testable import Command

/// What the completion scripts offer, without a shell.
struct CompletionScriptTests {
  private let completions = Completions()

  private func context(_ words: String) throws -> CompletionContext {
    try #require(completions.contexts.first { $0.words == words })
  }

  @Test(arguments: ManualTests.own)
  func `a command is offered with each of its options`(name: CommandName) throws {
    #expect(try context("").next.contains { $0.word == name.rawValue && !$0.purpose.isEmpty })
    let options = try context(name.rawValue).options
    #expect(Set(name.options.map(\.name)).isSubset(of: options.map(\.name)))
    for option in options { #expect(!option.purpose.isEmpty, "\(option.name)") }
  }

  @Test(arguments: CompletionShell.allCases, ManualTests.own)
  func `each option of a command is in each script`(
    shell: CompletionShell, name: CommandName
  ) throws {
    let script = shell.script(completions).split(separator: "\n").map(String.init)
    for option in name.options {
      let isThere =
        switch shell {
        case .bash:
          script.drop { $0 != "  '\(name.rawValue)')" }.prefix { !$0.hasSuffix(";;") }
            .contains { $0.contains("options=") && has(option.name, $0) }
        case .zsh:
          script.drop { $0 != "_larkspur_\(name.rawValue)() {" }.prefix { $0 != "}" }
            .contains { $0.contains("'\(option.name)") || $0.contains("'*\(option.name)") }
        case .fish:
          script.contains {
            $0.contains("-l \(option.name.dropFirst(2)) ") && $0.contains(#"\'\#(name.rawValue)\'"#)
          }
        }
      #expect(isThere, "\(option.name)")
    }
  }

  private func has(_ option: String, _ line: String) -> Bool {
    line.split { " '=".contains($0) }.contains { $0 == option }
  }

  @Test func `a kind takes its own options and those of all kinds`() throws {
    let card = try context("enqueue card")
    let names = card.options.map(\.name)
    #expect(names.contains("--actions") && names.contains("--after") && names.contains("--db"))
    #expect(!names.contains("--everyone") && card.operand == .names(.cards))
    #expect(try context("enqueue").next.map(\.word) == Aim.allCases.map(\.rawValue))
  }

  @Test func `values are judged by what the help calls them`() throws {
    let list = try context("list").options
    let state = list.first { $0.name == "--state" }?.completed
    #expect(state == .words(Listing.State.allCases.map { $0.rawValue.replacing(" ", with: "-") }))
    #expect(list.first { $0.name == "--key" }?.completed == .names(.keys))
    #expect(list.first { $0.name == "--since" }?.completed == .free)
    #expect(try context("saw").options.first { $0.name == "--from" }?.completed == .files)
    #expect(try context("man").options.first { $0.name == "--all" }?.completed == .folders)
    #expect(try context("retry").operand == .names(.dead))
  }

  @Test func `quotes and backslashes stay what they are`() {
    #expect(ShellQuoting.posix("a'b\\$c") == #"'a'\''b\$c'"#)
    #expect(ShellQuoting.fish("a'b\\$c") == #"'a\'b\\$c'"#)
  }

  @Test func `names in the queue are few, begin with the prefix and are asked for in silence`()
    throws
  {
    let place = try Workplace()
    #expect(
      try place.run("completions", "values", "lanes") == Ended(code: 0, output: "", sentences: ""))
    let isThere = try place.shell("test -e \"$1\"").code == 0
    #expect(!isThere)
    let asks = (100..<400).map { #"{"token":"t\#($0)","everyone":true}"# }
    _ = try place.run("enqueue", "preview", "--from", "-", input: asks.joined(separator: "\n"))
    let all = try place.run("completions", "values", "lanes").output.split(separator: "\n")
    #expect(all.count == 200 && all.first == "t100")
    let some = try place.run("completions", "values", "lanes", "--", "t39").output
    #expect(some == (390..<400).map { "t\($0)\n" }.joined())
    let others = try place.run("completions", "values", "lanes", "--account", "other")
    #expect(others == Ended(code: 0, output: "", sentences: ""))
  }

  @Test(arguments: KnownNames.What.allCases)
  func `each kind of name can be asked for`(what: KnownNames.What) throws {
    let place = try Workplace()
    _ = try place.run("saw", "tok", "--key", "$(x)", "--url", "https://a.example/1")
    _ = try place.run("enqueue", "preview", "tok", "--everyone")
    _ = try place.run("enqueue", "session", "session_4dfunz7sp1g8m", "--metadata", "m")
    let ended = try place.run("completions", "values", what.rawValue)
    let names: [KnownNames.What: String] = [
      .lanes: "session_4dfunz7sp1g8m\ntok\n", .held: "session_4dfunz7sp1g8m\ntok\n",
      .tokens: "tok\n", .keys: "$(x)\n", .urls: "https://a.example/1\n", .accounts: "default\n",
    ]
    #expect(ended == Ended(code: 0, output: names[what] ?? "", sentences: ""))
  }
}
