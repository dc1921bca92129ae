import Foundation
import Larkspur
import QueueAccess
import Terminal
import Testing

/// With `--json`, an error is one object on standard error.
struct ErrorObjectTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// What is on standard error, which has to be one line.
  private func object(
    _ ended: Ended, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let lines = ended.sentences.split(separator: "\n")
    #expect(lines.count == 1, "\(ended.sentences)", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(ended.sentences.utf8))
    let object = try #require(value as? [String: Any], sourceLocation: sourceLocation)
    #expect(
      Set(object.keys) == [
        "error", "code", "fix", "console_url", "log_id", "retryable", "details",
      ], sourceLocation: sourceLocation)
    return object
  }

  @Test(arguments: [
    ["status"], ["status", "--check"], ["list"], ["explain", "A"], ["plan"], ["forecast"],
    ["retry", "A"], ["cancel", "A"], ["resume", "default"], ["prune", "--older-than", "7d"],
  ])
  func `every command that finds no queue says so in one object`(words: [String]) throws {
    let ended = try place.runPlain(["--db", place.queue, "--json"] + words)
    #expect(ended.code == 66 && ended.output == "")
    let object = try object(ended)
    #expect(object["code"] as? String == "input_missing")
    #expect(
      object["error"] as? String
        == "there is no queue at \(place.queue) yet; 'larkspur init' creates it, or give --db "
        + "PATH")
    #expect(object["fix"] as? String == "'larkspur init' creates it, or give --db PATH")
    #expect(object["retryable"] as? Bool == false)
  }

  @Test func `without --json the same is a sentence`() throws {
    let ended = try place.runPlain(["--db", place.queue, "status"])
    #expect(
      ended.sentences
        == "larkspur: there is no queue at \(place.queue) yet; 'larkspur init' creates it, or "
        + "give --db PATH\n")
  }

  @Test(arguments: [
    ["--json", "lst"], ["list", "--json", "--stat", "dead"], ["--json"],
    ["plan", "--next", "--json"],
    ["doctor", "--json", "now"], ["enqueue", "preview", "A", "--json"],
  ])
  func `a command line that makes no sense is an object if --json is in it`(
    words: [String]
  ) throws {
    let ended = try place.runPlain(words)
    #expect(ended.code == 64)
    #expect(try object(ended)["code"] as? String == "usage")
  }

  @Test func `so is one that is not UTF-8`() throws {
    let ended = try place.shell(#""$0" list --json "$(printf 'a\377')""#)
    #expect(ended.code == 64)
    #expect((try object(ended)["error"] as? String)?.contains("is not UTF-8") == true)
  }

  @Test func `after two dashes --json is no option`() throws {
    let ended = try place.runPlain(["list", "--", "a", "--json"])
    #expect(ended.code == 64 && ended.sentences.hasPrefix("larkspur: "))
  }

  @Test func `something unknown has a fix only if a name is like it`() throws {
    _ = try place.run("enqueue", "preview", "ticket-17", "--everyone")
    let near = try object(try place.run("explain", "ticket-71", "--json"))
    #expect(near["fix"] as? String == "did you mean 'ticket-17'?")
    let far = try object(try place.run("explain", "unlike-all-others", "--json"))
    #expect(far["fix"] is NSNull)
  }

  @Test func `a refused ask has what its rule says to do`() throws {
    let ended = try place.run("enqueue", "preview", "A", "a b", "--everyone", "--json")
    #expect(ended.code == 65 && ended.output == "")
    let object = try object(ended)
    #expect(object["code"] as? String == "bad_input")
    #expect((object["error"] as? String)?.hasSuffix("none of the 2 asks was enqueued") == true)
    #expect((object["fix"] as? String)?.contains("none of the") != true)
  }

  @Test func `the lines of a file that cannot be used are details`() throws {
    let bad = (1...12).map { "nonsense \($0)\n" }.joined()
    let file = try place.write(#"{"token":"A","everyone":true}"# + "\n\(bad)", to: "asks.ndjson")
    let ended = try place.run("enqueue", "preview", "--from", file, "--json")
    #expect(ended.code == 65 && ended.output == "")
    let object = try object(ended)
    #expect(object["fix"] as? String == "fix them and try again")
    let details = try #require(object["details"] as? [String])
    #expect(details.count == 11 && details.first?.hasPrefix("line 2: ") == true)
    #expect(details.last == "… and 2 more lines")
  }

  @Test func `waiting that ends too early is an object after the result`() throws {
    let ended = try place.run(
      "enqueue", "preview", "A", "--everyone", "--wait", "1ms", "--json", "--quiet")
    #expect(ended.code == 75 && ended.output.hasPrefix(#"{"ask":1,"#))
    let object = try object(ended)
    #expect(object["code"] as? String == "time_is_up" && object["retryable"] as? Bool == true)
    #expect(object["fix"] as? String == "see 'larkspur list'")
  }

  @Test func `asks that were not delivered are details`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let waiting = try place.start([
      "--db", place.queue, "enqueue", "preview", "B", "--everyone", "--wait", "--json", "--quiet",
    ])
    _ = waiting.firstLine()
    #expect(try place.run("cancel", "B", "--quiet").code == 0)
    let ended = try waiting.wait()
    #expect(ended.code == 1)
    let object = try object(ended)
    #expect(object["code"] as? String == "dead")
    #expect(object["details"] as? [String] == ["ask 2 for B was cancelled"])
  }

  @Test func `a program that is missing is an object`() throws {
    let program = "\(place.folder)/larkspur"
    try FileManager.default.copyItem(atPath: Workplace.program, toPath: program)
    let ended = try place.start(
      ["work", "--json"], variables: ["PATH": place.folder], program: program
    ).wait()
    #expect(ended.code == 78)
    #expect(
      try object(ended)["fix"] as? String == "install it beside larkspur with scripts/install")
  }

  @Test func `results that cannot be written are an object`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let ended = try place.shell(#""$0" --db "$1" status --json >/dev/full"#)
    #expect(ended.code == 74)
    #expect(try object(ended)["code"] as? String == "queue_not_usable")
  }
}

/// What the queue's errors become.
struct QueueFailureTests {
  @Test(arguments: [
    (QueueError.Kind.refused, ExitCode.badInput, false), (.missing, .inputMissing, false),
    (.cannotCreate, .databaseNotCreated, false), (.cannotUse, .databaseNotUsable, false),
    (.busy, .databaseNotUsable, true),
  ])
  func `each kind has its exit code, and a lock may be gone the next time`(
    kind: QueueError.Kind, code: ExitCode, isRetryable: Bool
  ) {
    let failure = Failure(QueueError(kind, "it failed; do this"))
    #expect(failure.code == code && failure.isRetryable == isRetryable)
    #expect(failure.fix == "do this")
  }

  @Test(arguments: [
    (StoreError.Kind.busy, Int32(5), "Try again, or see which program holds it: fuser /q.db"),
    (.transient, 13, "Free some space and try again"),
  ])
  func `that nothing was changed is no advice`(kind: StoreError.Kind, code: Int32, fix: String) {
    let failure = Failure(
      QueueError(StoreError(kind, message: "no", code: code, systemCode: 28), path: "/q.db"))
    #expect(failure.fix == fix)
    #expect(failure.sentence.hasSuffix("; nothing was changed. \(fix)"))
  }
}
