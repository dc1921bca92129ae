import Doctor
import Foundation
import Planning
import Terminal
import Testing

@testable import Command

/// Helps, manual pages and option tables say the same. Those of the commands that other programs
/// carry out are tested with the programs.
struct ManualTests {
  static let own = CommandName.allCases.filter { $0.program == nil && $0 != .help }

  /// Whether the text has the option, and not only a longer one.
  private func has(_ option: String, _ text: String) -> Bool {
    text.ranges(of: option).contains { range in
      text[range.upperBound...].first.map { !$0.isLetter && $0 != "-" && $0 != "\\" } ?? true
    }
  }

  @Test(arguments: own)
  func `each option of a command is in its help and in its manual page`(name: CommandName) throws {
    let help = try name.help()
    let page = try Man.page(of: name).text.replacing("\\-", with: "-")
    for option in name.options {
      #expect(has(option.name, help), "\(option.name)")
      #expect(has("Fl \(option.name.dropFirst())", page), "\(option.name)")
    }
  }

  @Test func `the options of all commands are in the overview and in its page`() throws {
    let page = try Man.page(of: nil).text.replacing("\\-", with: "-")
    for option in GlobalOptions.known {
      #expect(has(option.name, HelpTopic.overviewText), "\(option.name)")
      #expect(has("Fl \(option.name.dropFirst())", page), "\(option.name)")
    }
  }

  @Test(arguments: own)
  func `each option that a help explains is in a table, and takes the same value`(
    name: CommandName
  ) throws {
    let known = name.options + GlobalOptions.known
    let explained = HelpDocument(try name.help()).rows.flatMap(HelpedOption.all)
    for option in explained where !option.purpose.hasPrefix("see:") {
      let own = known.first { $0.name == option.name }
      try #require(own != nil, "\(option.name)")
      #expect(own?.value == option.value || own?.value == .many, "\(option.name)")
    }
  }

  @Test(arguments: Aim.allCases)
  func `the help of a kind explains its options and no other kind's`(aim: Aim) {
    let rows = HelpDocument(HelpTopic.enqueueText(of: aim)).rows.flatMap(HelpedOption.all)
    let others = Set(Aim.allOptions.map(\.name)).subtracting(aim.options.map(\.name))
    #expect(Set(aim.options.map(\.name)).isSubset(of: rows.map(\.name)))
    #expect(others.isDisjoint(with: rows.map(\.name)))
  }

  @Test(arguments: own)
  func `each page has the sections of a manual page, in their usual order`(
    name: CommandName
  ) throws {
    let page = try Man.page(of: name).text
    let sections = page.split(separator: "\n").filter { $0.hasPrefix(".Sh ") }.map {
      $0.dropFirst(4)
    }
    let usual = [
      "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS",
      "EXAMPLES", "SEE ALSO",
    ]
    #expect(sections.map(String.init) == usual.filter { sections.contains($0[...]) })
    for needed in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
      #expect(sections.contains(needed[...]), "\(needed)")
    }
  }

  @Test(arguments: ["work", "larkspur-work", "larkspur", "help", ""])
  func `a page has the name of its command, or that of its file`(word: String) throws {
    let action = try Invocation(parsing: ["man"] + (word.isEmpty ? [] : [word])).action
    guard case .man(let man) = action else {
      Issue.record("no page: \(action)")
      return
    }
    #expect(man.order == .page(word.hasSuffix("work") ? .work : nil))
  }

  @Test func `nothing in a text is a macro or an escape`() {
    #expect(MdocEscapes.textLine(".prom files") == "\\&.prom files")
    #expect(MdocEscapes.textLine("'quoted") == "\\&'quoted")
    #expect(MdocEscapes.literalLine(".a '\\d+' ~ -x") == "\\&.a \\(aq\\ed+\\(aq \\(ti \\-x")
    #expect(MdocEscapes.argument("a \"b\" -c") == "\"a \\(dqb\\(dq \\-c\"")
    #expect(MdocEscapes.textLine("3f1a… × 2") == "3f1a... \\[u00D7] 2")
  }

  @Test func `prose becomes macros, and each sentence begins a line`() {
    let prose = MdocProse(placeholders: ["LANE"])
    #expect(
      prose.lines("Cancels LANE (see --db). Then 'larkspur list --state dead' shows it; it's done.")
        == [
          "Cancels", ".Ar LANE", "(see", ".Fl \\-db ) .", "Then",
          ".Ql \"larkspur list \\-\\-state dead\"", "shows it; it's done.",
        ])
    #expect(
      prose.lines("set LARKSPUR_DB, or Ctrl-C") == ["set", ".Ev LARKSPUR_DB ,", "or Ctrl\\-C"])
  }

  @Test func `a usage becomes macros`() {
    #expect(
      MdocSyntax.synopsis("larkspur saw TOKEN… --key KEY [--key KEY …] [--a | --b] [options]") == [
        ".Nm larkspur", ".Cm saw", ".Ar TOKEN ...", ".Fl \\-key Ar KEY",
        ".Op Fl \\-key Ar KEY ...", ".Op Fl \\-a | Fl \\-b", ".Op Ar options",
      ])
    #expect(MdocSyntax.term("--quota[=P]") == "Fl \\-quota Ns Oo Li = Ns Ar P Oc")
    #expect(MdocSyntax.term("--everyone, --viewers") == "Fl \\-everyone , Fl \\-viewers")
  }

  @Test(arguments: [
    ("man nope", "unknown command 'nope'"), ("man list plan", "one command at a time"),
    ("man --all", "--all needs a value"), ("man --all d list", "leave 'list' out"),
    ("completions", "no shell given"), ("completions bsh", "did you mean 'bash'?"),
    ("completions bash zsh", "one shell at a time"), ("completions values nope", "one shell"),
  ])
  func `a command line that makes no sense is refused`(line: String, words: String) {
    #expect {
      try Invocation(parsing: line.split(separator: " ").map(String.init))
    } throws: { error in
      (error as? Failure)?.code == .usage && (error as? Failure)?.sentence.contains(words) == true
    }
  }

  @Test func `the fuzzer knows each option`() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let words = try String(
      contentsOf: tests.appending(path: "Fuzz/Words/arguments.dict"), encoding: .utf8)
    for option in CommandName.allCases.flatMap(\.options) + GlobalOptions.known {
      #expect(words.contains("\"\(option.name)\"\n"), "\(option.name)")
    }
  }
}
