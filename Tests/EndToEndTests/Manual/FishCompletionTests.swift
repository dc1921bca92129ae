import Foundation
import Programs
import Testing

@testable import Command

/// The script for fish, in fish.
@Suite(.enabled(if: Tool.fish.isTried, "fish is there"))
struct FishCompletionTests {
  private let made: CompletedQueue
  private let script: String

  init() throws {
    made = try CompletedQueue()
    script = try made.script(for: "fish")
  }

  private func offered(_ line: String) throws -> [String] {
    let file = try made.workshop.write("source $argv[1]; complete -C $argv[2]\n", to: "line")
    let run = try made.workshop.run("fish", "--no-config", file, script, line)
    #expect(run.err == "", "\(run.err)")
    return run.out.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }.sorted()
  }

  @Test func `fish finds no fault with the script`() throws {
    let run = try made.workshop.run("fish", "-n", script)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
  }

  @Test func `commands, options and values are completed`() throws {
    #expect(try offered("larkspur sta") == ["status"])
    #expect(try offered("larkspur --db q.db foreca") == ["forecast"])
    #expect(try offered("larkspur enqueue ca") == ["card"])
    #expect(try offered("larkspur help enqueue ses") == ["session"])
    #expect(try offered("larkspur list --sta") == ["--state"])
    #expect(try offered("larkspur enqueue card --every") == [])
    #expect(try offered("larkspur work --until") == ["--until-empty"])
    #expect(try offered("larkspur list --state de") == ["dead", "delayed"])
    #expect(try offered("larkspur list --state=dea") == ["--state=dead"])
  }

  @Test func `names are those of the queue that the line names, and run nothing`() throws {
    #expect(try offered("larkspur explain ") == ["waiting_1", "waiting_2"])
    #expect(try offered("larkspur retry ") == ["dead_1"])
    #expect(try offered("larkspur --db none.db explain ") == [])
    #expect(try offered("larkspur enqueue key k") == CompletedQueue.hostile.sorted())
    #expect(try offered("larkspur --db '$(touch x)' explain (touch y)`") == [])
    made.expectNothingRun()
  }
}
