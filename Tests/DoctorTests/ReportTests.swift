import Foundation
import Larkspur
import Planning
import Terminal
import Testing

@testable import Doctor

struct ReportTests {
  @Test func `the hash is SipHash, whose authors give this value`() {
    let hash = KeyedHash(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))
    #expect(hash.of(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
    #expect(hash.of([]) == 0x726F_DB47_DD0E_0E31)
  }

  @Test func `equal names are equal in one report, and different in the next`() {
    var random = SystemRandomNumberGenerator()
    let first = KeyedHash(using: &random)
    let second = KeyedHash(using: &random)
    #expect(first.short("ticket-7") == first.short("ticket-7"))
    #expect(first.short("ticket-7") != first.short("ticket-8"))
    #expect(first.short("ticket-7") != second.short("ticket-7"))
  }

  private let pseudonyms = Pseudonyms(
    KeyedHash(key: (1, 2)), names: ["ticket-7", "a/b:c", "on", "is"])

  @Test(arguments: [
    "'ticket-7' is not a preview token", "ticket-7, ou_4f1c", "for ou_4f1c and ticket-7",
    "a/b:c was refused, and so was ticket-7",
    "a token such as 952te0c8-9ccf-463d-ad73-593f8f768a5c", "session_4dfunz7sp1g8m is gone",
    "'on' is refused",
  ])
  func `names are found wherever they stand`(text: String) {
    let safe = pseudonyms.text(text)
    for name in ["ticket-7", "ou_4f1c", "a/b:c", "952te0c8", "session_4d", "'on'"] {
      #expect(!safe.contains(name), "\(safe)")
    }
    #expect(
      safe.contains("<\(KeyedHash(key: (1, 2)).short("ticket-7"))>") == text.contains("ticket-7"))
  }

  @Test(arguments: [
    "230001 param is invalid (HTTP 400)", "app cli_a1b2c3d4e5f6a7b8c9d0", "no connection",
    "it is on", "",
    "/var/lib/larkspur/queue.db", "中文 stays",
  ])
  func `other words stay`(text: String) { #expect(pseudonyms.text(text) == text) }

  private func report(_ bench: Bench) -> String {
    Report(
      findings: [.fine(.worker, "a worker is running")], queue: bench.queue, library: nil,
      accounts: [], readSecret: { _ in .success("") }
    ).text
  }

  @Test func `a report holds what is pending, and no name`() throws {
    let bench = try Bench()
    try bench.makeQueue([
      .preview("ticket-7", for: .people(["ou_canary"])),
      .session("session_canary1", metadata: "{}"),
    ])
    let text = report(bench)
    for part in ["[findings]", "[figures]", "[last calls]", "[pending]", "[dead]", "|new|"] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(!text.contains("ticket-7") && !text.contains("canary"), "\(text)")
  }

  @Test func `a queue that cannot be read makes a shorter report`() throws {
    let bench = try Bench()
    #expect(report(bench).contains("[queue]\ncannot be read"))
    try bench.write("not a database, not a database", to: "queue.db")
    #expect(report(bench).contains("cannot be read"))
  }

  @Test func `a report's file is new, and its owner's alone`() throws {
    let bench = try Bench()
    let path = bench.file("report.txt")
    try ReportFile.check(path)
    try ReportFile.write("text\n", to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "text\n")
    #expect(FileFacts(path)?.mode == 0o600)
    let attempts: [() throws -> Void] = [
      { try ReportFile.check(path) }, { try ReportFile.write("other", to: path) },
    ]
    for attempt in attempts {
      let failure = #expect(throws: Failure.self) { try attempt() }
      #expect(failure?.code == .databaseNotCreated)
      #expect(failure?.sentence.contains("file exists; give the name of a new file") == true)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "text\n")
    let nowhere = #expect(throws: Failure.self) {
      try ReportFile.write("", to: bench.file("no/report"))
    }
    #expect(nowhere?.sentence.contains("no such file or directory") == true)
  }

  @Test func `a link at the report's name is not followed`() throws {
    let bench = try Bench()
    symlink(bench.file("victim"), bench.file("report"))
    #expect(throws: Failure.self) { try ReportFile.check(bench.file("report")) }
    #expect(throws: Failure.self) { try ReportFile.write("text", to: bench.file("report")) }
    #expect(FileFacts(bench.file("victim")) == nil)
  }
}
