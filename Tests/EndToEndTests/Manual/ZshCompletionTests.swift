import Foundation
import Programs
import Testing

@testable import Command

/// The script for zsh, at a terminal of its own.
@Suite(.enabled(if: Tool.zsh.isTried, "zsh is there"))
struct ZshCompletionTests {
  private let made: CompletedQueue
  private let script: String

  init() throws {
    made = try CompletedQueue()
    script = try made.script(for: "zsh")
  }

  /// The line after each Tab in it. Control-G prints the line as it stands.
  private static let terminal = #"""
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -D; source ${(q)1}"
    zpty -w shell 'show() { print -r -- "<""<$BUFFER>"">" }; zle -N show; bindkey "^G" show'
    zpty -w shell 'print rea""dy'
    zpty -r shell seen '*ready*'
    zpty -w -n shell "$2"$'\C-g'
    zpty -r shell seen '*<<*>>*'
    print -r -- "${${seen#*<<}%%>>*}"
    zpty -d shell
    """#

  private func completed(_ line: String) throws -> String {
    let file = try made.workshop.write(Self.terminal, to: "terminal")
    let run = try made.workshop.run("zsh", "-f", file, script, line)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    return String(run.out.dropLast())
  }

  @Test func `zsh finds no fault with the script`() throws {
    let run = try made.workshop.run("zsh", "-n", script)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
  }

  @Test(arguments: [
    ("larkspur sta\t", "larkspur status "),
    ("larkspur --db q.db foreca\t", "larkspur --db q.db forecast "),
    ("larkspur enqueue ca\t", "larkspur enqueue card "),
    ("larkspur help enqueue ses\t", "larkspur help enqueue session "),
    ("larkspur list --json --quie\t", "larkspur list --json --quiet "),
    ("larkspur work --until\t", "larkspur work --until-empty "),
    ("larkspur list --state dea\t", "larkspur list --state dead "),
    ("larkspur list --state=par\t", "larkspur list --state=parked "),
    ("larkspur explain w\t", "larkspur explain waiting_"),
    ("larkspur retry \t", "larkspur retry dead_1 "),
    ("larkspur --db none.db retry \t", "larkspur --db none.db retry "),
    ("larkspur enqueue key k\\$\\(\t", #"larkspur enqueue key k\$\(touch\$\{IFS\}x\) "#),
    ("larkspur enqueue key 'k`\t", "larkspur enqueue key 'k`touch${IFS}y`' "),
    ("larkspur --db '$(touch x)' enqueue key k\t", "larkspur --db '$(touch x)' enqueue key k"),
  ])
  func `a line is completed at Tab, and no name runs anything`(line: String, whole: String) throws {
    #expect(try completed(line) == whole)
    made.expectNothingRun()
  }
}
