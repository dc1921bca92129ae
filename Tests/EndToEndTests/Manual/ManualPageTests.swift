import Foundation
import Programs
import Terminal
import Testing

@testable import Command
@testable import Sandbox
@testable import WorkCommand

/// The pages that the real programs write, the helps of larkspur-work and larkspur-sandbox among
/// them.
struct ManualPageTests {
  private static let siblings = CommandName.allCases.filter { $0.program != nil }

  private func table(of name: CommandName) -> [Option] {
    switch name {
    case .work: WorkArguments.options
    case .ticket: TicketArguments.options
    case .sandbox: Settings.options
    default: []
    }
  }

  /// All programs take these, and `work` takes --account only to say that it is not for it.
  private static let unsaid = ["--help", "--version", "--account", "--quiet"]

  private func help(_ name: String) throws -> String {
    try Programs.run("larkspur", ["help"] + (name.isEmpty ? [] : [name])).out
  }

  private func page(_ name: String) throws -> String {
    let run = try Programs.run("larkspur", ["man"] + (name.isEmpty ? [] : [name]))
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    return run.out
  }

  @Test(arguments: siblings)
  func `the help and the page of another program have each option of its table, and no other`(
    name: CommandName
  ) throws {
    let table = table(of: name)
    #expect(!table.isEmpty)
    let explained = HelpDocument(try help(name.rawValue)).rows.flatMap(HelpedOption.all)
    let page = try page(name.rawValue).replacing("\\-", with: "-")
    for option in table where !Self.unsaid.contains(option.name) {
      let helped = explained.first { $0.name == option.name }
      #expect(helped?.value == option.value, "\(option.name)")
      #expect(page.contains("Fl \(option.name.dropFirst())"), "\(option.name)")
    }
    #expect(Set(explained.map(\.name)).isSubset(of: table.map(\.name)))
  }

  @Test(arguments: CompletionShell.allCases)
  func `each script has the options of all programs`(shell: CompletionShell) throws {
    let script = try Programs.run("larkspur", ["completions", shell.rawValue])
    #expect(script.status == 0 && script.err == "", "\(script.err)")
    let words = Set(script.out.split { " \n'*=[".contains($0) })
    let tables = GlobalOptions.known + Self.siblings.flatMap(table)
    for option in tables {
      let word = shell == .fish ? option.name.dropFirst(2) : option.name[...]
      #expect(words.contains(word), "\(option.name)")
    }
  }

  @Test func `all pages are written at once, readable for everybody, and each time the same`()
    throws
  {
    let workshop = try Workshop()
    #expect(try workshop.run("larkspur", "man", "--all", ".").status == 0)
    let names = CommandName.allCases.filter { $0 != .help }.map { "larkspur-\($0.rawValue).1" }
    #expect(Set(workshop.files) == Set(names + ["larkspur.1"]))
    for name in workshop.files {
      let file = workshop.folder.appending(path: name)
      let command = name.dropFirst("larkspur-".count).dropLast(".1".count)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(try text == page(name == "larkspur.1" ? "" : String(command)))
      let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
      #expect(mode as? Int == 0o644)
    }
  }

  @Test func `a folder that is missing gets an error, and so does a program that is missing`()
    throws
  {
    let workshop = try Workshop()
    let run = try workshop.run("larkspur", "man", "--all", "nowhere")
    #expect(run.status == 73)
    #expect(
      run.err.hasPrefix("larkspur: cannot write manual page nowhere/larkspur.1: "), "\(run.err)")

    let alone = workshop.folder.appending(path: "larkspur")
    try FileManager.default.copyItem(atPath: Programs.path("larkspur"), toPath: alone.path)
    workshop.environment["PATH"] = "/usr/bin:/bin"
    let missing = try workshop.run("./larkspur", "man", "--all", ".")
    #expect(missing.status == 78 && missing.err.contains("cannot find larkspur-work"))
    #expect(workshop.files == ["larkspur"])
    let script = try workshop.run("./larkspur", "completions", "bash")
    #expect(script.status == 0 && script.out.contains("--state"))
    #expect(script.err.contains("no options of sandbox in the script: cannot find"))
  }
}

/// The pages as mandoc reads them.
@Suite(.enabled(if: Tool.mandoc.isTried, "mandoc is there"))
struct FormattedPageTests {
  private static let names = CommandName.allCases.map(\.rawValue)

  @Test func `mandoc has nothing to warn of`() throws {
    let workshop = try Workshop()
    #expect(try workshop.run("larkspur", "man", "--all", ".").status == 0)
    for name in workshop.files {
      let run = try workshop.run("mandoc", "-T", "lint", "-W", "warning", name)
      #expect(run.status == 0 && run.out == "", "\(run.out)")
    }
  }

  @Test(arguments: names)
  func `no word of a help is lost on its page`(name: String) throws {
    let workshop = try Workshop()
    let help = try workshop.run("larkspur", "help", name).out
    let page = try workshop.write(try workshop.run("larkspur", "man", name).out, to: "page.1")
    let formatted = try workshop.run("mandoc", "-T", "utf8", "-O", "width=300", page).out
    // A letter, a backspace and the same letter make it bold.
    let plain = formatted.replacing(#/.\u{8}/#, with: "")
    let shown = Set(Self.words(of: plain))
    let labels: Set<String> = ["usage", "example", "examples", "exit", "options", "environment"]
    let lost = Self.words(of: help).filter { !labels.contains($0) && !shown.contains($0) }
    #expect(lost == [])
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
  }
}
