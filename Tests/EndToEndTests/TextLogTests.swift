import Foundation
import Programs
import Testing

/// The log of a worker for people: in a file, in the journal and on a terminal.
@Suite struct TextLogTests {
  private func isLogLine(_ line: Substring) -> Bool {
    line.wholeMatch(of: #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (info   |warning|error  ) \S.*/#) != nil
  }

  @Test func `in a file every line has time and level`() throws {
    let place = try Place()
    try place.ask([.preview("bad_token_1", for: .everyone), .preview("good", for: .everyone)])
    let worker = try place.startWork()
    #expect(eventually { (try? place.number("select count(*) from dead")) == 1 })
    #expect(eventually { (try? place.delivered()) == 1 })
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 0 && end.out.isEmpty)
    let lines = end.err.split(separator: "\n")
    #expect(lines.allSatisfy(isLogLine), "\(end.err)")
    #expect(lines.first?.contains(" info    started larkspur ") == true)
    #expect(lines.contains { $0.contains(" warning default preview #") && $0.contains("refused") })
    #expect(lines.contains { $0.contains(" error   bad_token_1 of account 'default' is dead: ") })
    #expect(lines.last?.contains(" info    stopped: 2 done with ") == true)
  }

  @Test func `in a pipe nothing is drawn`() throws {
    let place = try Place()
    let run = try place.work("--for", "1s", "--log", "text")
    #expect(run.status == 0 && !run.err.contains("\u{1b}") && !run.err.contains("running"))
  }

  /// Runs a worker whose standard error is the stream that the variable names, if `isSame`.
  private func journal(_ place: Place, isSame: Bool, _ words: String...) throws -> String {
    let stream = "JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2)\(isSame ? "" : "0")"
    let run = try Programs.run(
      "/bin/sh",
      ["-c", "export \(stream); exec \"$0\" \"$@\"", Programs.path("larkspur-work")]
        + words, place.environment)
    return run.err
  }

  @Test func `in the journal every line has its priority instead`() throws {
    let place = try Place()
    try place.ask([.preview("bad_token_1", for: .everyone)])
    let text = try journal(place, isSame: true, "--once", "--log", "text")
    let lines = text.split(separator: "\n")
    #expect(lines.first?.hasPrefix("<6>started larkspur ") == true, "\(text)")
    #expect(lines.contains { $0.hasPrefix("<4>default preview #") })
    #expect(lines.contains { $0.hasPrefix("<3>bad_token_1 of account 'default' is dead") })
    #expect(lines.allSatisfy { $0.wholeMatch(of: #/<[346]>[^<].*/#) != nil }, "\(text)")
  }

  @Test func `so has what keeps a worker from starting`() throws {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_APP_ID", "")
    #expect(
      try journal(place, isSame: true).hasPrefix("<3>LARKSPUR_APP_ID is not set"))
    #expect(try journal(place, isSame: true, "--onec").hasPrefix("<3>unknown option --onec"))
  }

  @Test func `a variable that names another stream changes nothing`() throws {
    let place = try Place()
    let text = try journal(place, isSame: false, "--once", "--log", "text")
    #expect(!text.isEmpty && text.split(separator: "\n").allSatisfy(isLogLine), "\(text)")
  }

  @Test func `JSON has no priorities in front`() throws {
    let place = try Place()
    let text = try journal(place, isSame: true, "--once", "--log", "json")
    #expect(text.hasPrefix("{") && !text.contains("<6>"))
  }
}

/// A worker that stays, on a terminal.
@Suite struct StandingLineTests {
  private func start(_ place: Place, _ words: String...) throws -> OwnSession {
    try OwnSession(.own, Programs.path("larkspur-work"), words, place.environment)
  }

  /// The texts that were drawn over each other.
  private func drawn(_ worker: OwnSession) -> [String] {
    worker.read().components(separatedBy: "\r\u{1b}[K").dropFirst()
      .map { $0.components(separatedBy: "\r\n")[0] }
  }

  @Test func `it says that it runs and what it waits for, in one line that is replaced`() throws {
    let place = try Place()
    let worker = try start(place)
    #expect(
      eventually { drawn(worker).contains("running until Ctrl-C: waiting for asks; 0 done") },
      "\(worker.output)")
    try place.ask([.preview("a", for: .everyone)])
    #expect(
      eventually { drawn(worker).contains("running until Ctrl-C: waiting for asks; 1 done") })
    // What was drawn is erased before a line of the log is written.
    #expect(drawn(worker).contains { $0.contains(" info    default preview #") })
    worker.send(SIGINT)
    #expect(worker.end() == 0)
    let last = worker.output.split(separator: "\r\n").last ?? ""
    #expect(last.contains(" info    stopped: 1 done with 1 call in "))
  }

  @Test func `it says until when, and when a delayed ask goes`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone, after: .seconds(600))])
    let worker = try start(place, "--for", "5m")
    #expect(
      eventually {
        drawn(worker).contains {
          $0.wholeMatch(
            of: #/running for \d min.* more: waiting until .*, \d+ min.* more; 0 done, 1 delayed/#)
            != nil
        }
      }, "\(worker.output)")
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `a parked account waits for a person`() throws {
    let place = try Place(sandbox: ["--missing-scope"])
    try place.ask([.preview("a", for: .everyone)])
    let worker = try start(place)
    #expect(
      eventually {
        drawn(worker).contains { $0.contains("waiting for you, see 'larkspur status'") }
      },
      "\(worker.output)")
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test(arguments: [["--quiet"], ["--log", "json"]])
  func `with --quiet, or for programs, nothing is drawn`(words: [String]) throws {
    let place = try Place()
    let worker = try OwnSession(.own, Programs.path("larkspur-work"), words, place.environment)
    try place.ask([.preview("a", for: .everyone)])
    #expect(eventually { (try? place.delivered()) == 1 })
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
    #expect(!worker.output.contains("\u{1b}") && !worker.output.contains("running"))
  }

  @Test func `in the background nothing is drawn over what the user types`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let shell = try OwnSession(
      .own, "/bin/bash", ["-c", "set -m; \"$0\" --for 3s & wait", Programs.path("larkspur-work")],
      place.environment)
    #expect(shell.end() == 0)
    #expect(shell.output.contains(" info    default preview #"))
    #expect(!shell.output.contains("running"))
  }

  @Test func `what keeps it from starting is a sentence, and no line of a log`() throws {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_APP_ID", "")
    let worker = try start(place)
    #expect(worker.end() == 78)
    #expect(worker.output.hasPrefix("larkspur: LARKSPUR_APP_ID is not set;"))
  }

  @Test func `a log tells what Feishu said before what follows from it`() throws {
    let place = try Place()
    place.set("LARKSPUR_APP_SECRET", "wrong")
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once", "--log", "text")
    #expect(run.status == 77)
    let call = try #require(run.err.range(of: "default auth #1 parked in "), "\(run.err)")
    let parked = try #require(run.err.range(of: "account 'default' is parked"), "\(run.err)")
    #expect(call.lowerBound < parked.lowerBound, "\(run.err)")
    #expect(
      run.err.contains(
        "Check app id cli_sandbox and the secret in variable LARKSPUR_APP_SECRET, then"),
      "\(run.err)")
    #expect(run.err.contains(": 0 done with 0 calls (and 1 for access tokens) in "), "\(run.err)")
  }
}
