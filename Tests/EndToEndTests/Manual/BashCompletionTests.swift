import Foundation
import Programs
import Testing

@testable import Command

/// The script for bash, in bash.
struct BashCompletionTests {
  private let made: CompletedQueue
  private let script: String

  init() throws {
    made = try CompletedQueue()
    script = try made.script(for: "bash")
  }

  /// What bash is offered for a line, whose words are as bash splits them.
  private func offered(_ words: String...) throws -> [String] {
    let code = """
      source "$1"; shift
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _larkspur
      ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
      """
    let file = try made.workshop.write(code, to: "line")
    let run = try Programs.run(
      "/usr/bin/env", ["-C", made.workshop.folder.path, "bash", "--norc", file, script] + words,
      made.workshop.environment)
    #expect(run.err == "", "\(run.err)")
    return run.out.split(separator: "\n").map(String.init)
  }

  /// The word that bash makes of a completed one.
  private func word(_ typed: String) throws -> String {
    let file = try made.workshop.write("printf %s \(typed)\n", to: "word")
    return try made.workshop.run("bash", "--norc", file).out
  }

  @Test func `bash finds no fault with the script`() throws {
    let run = try made.workshop.run("bash", "-n", script)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
  }

  @Test func `commands, kinds, topics and shells are completed`() throws {
    #expect(try offered("larkspur", "sta") == ["status"])
    #expect(try offered("larkspur", "--db", "q.db", "--quiet", "foreca") == ["forecast"])
    #expect(try offered("larkspur", "enqueue", "ca") == ["card"])
    #expect(try offered("larkspur", "help", "enqueue", "s") == ["session"])
    #expect(try offered("larkspur", "man", "en") == ["enqueue"])
    #expect(try offered("larkspur", "completions", "") == ["bash", "zsh", "fish"])
    #expect(try offered("larkspur", "status", "li") == [])
  }

  @Test func `options are completed, also those of other programs`() throws {
    #expect(try offered("larkspur", "list", "--sta") == ["--state"])
    #expect(try offered("larkspur", "enqueue", "card", "--ev") == [])
    #expect(try offered("larkspur", "enqueue", "preview", "a", "--ev") == ["--everyone"])
    #expect(try offered("larkspur", "work", "--until") == ["--until-empty"])
    #expect(try offered("larkspur", "sandbox", "--drop") == ["--drop-before", "--drop-after"])
    #expect(try offered("larkspur", "enqueue", "preview", "--", "--ev") == [])
  }

  @Test func `values of options are completed, attached or not`() throws {
    #expect(try offered("larkspur", "list", "--state", "de") == ["delayed", "dead"])
    #expect(try offered("larkspur", "list", "--state", "=", "in") == ["in-flight"])
    #expect(try offered("larkspur", "list", "--kind", "u") == ["url"])
    #expect(try offered("larkspur", "work", "--log", "") == ["text", "json"])
    #expect(try offered("larkspur", "list", "--account", "") == ["default"])
    #expect(try offered("larkspur", "list", "--limit", "") == [])
  }

  @Test func `lanes are those of the queue that the line names`() throws {
    #expect(try offered("larkspur", "explain", "") == ["waiting_1", "waiting_2"])
    #expect(try offered("larkspur", "retry", "") == ["dead_1"])
    #expect(try offered("larkspur", "cancel", "") == ["dead_1", "waiting_1", "waiting_2"])
    #expect(try offered("larkspur", "explain", "waiting_1", "") == [])
    #expect(try offered("larkspur", "--db", "none.db", "explain", "") == [])
    #expect(try offered("larkspur", "--account", "other", "explain", "") == [])
    #expect(!made.workshop.files.contains("none.db"))
    made.workshop.environment["LARKSPUR_DB"] = "none.db"
    let quoted = "'\(made.queue)'"
    #expect(try offered("larkspur", "explain", "w", "--db", quoted) == [])
    #expect(try offered("larkspur", "--db", quoted, "explain", "w") == ["waiting_1", "waiting_2"])
  }

  @Test func `a URL is completed after its last colon or equals sign`() throws {
    #expect(
      try offered("larkspur", "enqueue", "url", "https", ":", "//a.example/1?a", "=", "2") == ["2"])
    #expect(try offered("larkspur", "enqueue", "url", "https", ":", "//").count == 5)
  }

  @Test func `no name runs anything, and each is typed as it is`() throws {
    let typed = try offered("larkspur", "enqueue", "key", "k")
    #expect(try typed.map(word).sorted() == CompletedQueue.hostile.sorted())
    let single = try offered("larkspur", "enqueue", "key", "'k")
    let withoutQuote = CompletedQueue.hostile.filter { !$0.contains("'") }
    #expect(try single.map { try word("'\($0)'") }.sorted() == withoutQuote.sorted())
    let double = try offered("larkspur", "enqueue", "key", "\"k")
    let withoutBang = CompletedQueue.hostile.filter { !$0.contains("!") }
    #expect(try double.map { try word("\"\($0)\"") }.sorted() == withoutBang.sorted())
    #expect(
      try offered("larkspur", "enqueue", "key", #"k\$\(to"#).map(word) == ["k$(touch${IFS}x)"])
    _ = try offered("larkspur", "--db", "$(touch x)", "explain", "`touch y`")
    made.expectNothingRun()
  }
}
