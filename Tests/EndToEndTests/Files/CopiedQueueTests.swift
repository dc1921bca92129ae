import Foundation
import Programs
import Testing

/// Queues that were copied, or set to another journal mode, with sqlite3.
@Suite struct CopiedQueueTests {
  let place: Place

  init() throws {
    place = try Place()
    try place.ask([.preview("first", for: .everyone), .preview("second", for: .people(["ou_1"]))])
  }

  private func sqlite(_ arguments: String...) throws -> Programs.Finished {
    try Programs.startOther("sqlite3", arguments).finish()
  }

  private func expectAllCommandsWork(asks: Int) throws {
    for command in [["status"], ["list"], ["enqueue", "preview", "third", "--everyone"]] {
      let run = try Programs.run("larkspur", command, place.environment)
      #expect(run.status == 0, "\(command): \(run.err)")
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == asks)
  }

  @Test func `a copy made with VACUUM INTO is a queue`() throws {
    let copy = place.folder.appending(path: "copy.db").path
    #expect(try sqlite(place.queue, "vacuum into '\(copy)'").status == 0)
    place.queue = copy
    try expectAllCommandsWork(asks: 3)
  }

  @Test func `a worker takes a copy as it is`() throws {
    let copy = place.folder.appending(path: "copy.db").path
    #expect(try sqlite(place.queue, "vacuum into '\(copy)'").status == 0)
    place.queue = copy
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 2)
  }

  @Test(arguments: ["delete", "truncate", "persist"])
  func `a queue set to another journal mode is set back`(mode: String) throws {
    #expect(try sqlite(place.queue, "pragma journal_mode = \(mode)").out == "\(mode)\n")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try sqlite(place.queue, "pragma journal_mode").out == "wal\n")
  }

  @Test func `it is set back while another program has it open in the old mode`() throws {
    #expect(try sqlite(place.queue, "pragma journal_mode = delete").status == 0)
    let other = try Shell(place.queue)
    try other.run("select 'asks', count(*) from ask;")
    try expectAllCommandsWork(asks: 3)
    try other.run("select 'asks', count(*) from ask;")
    #expect(other.output.contains("asks|2\n") && other.output.contains("asks|3\n"))
    try other.end()
  }

  @Test func `a copy made with .dump is told how to become a queue again, and does`() throws {
    let copy = place.folder.appending(path: "copy.db").path
    let dump = try Programs.startOther(
      "sh", ["-c", "sqlite3 '\(place.queue)' .dump | sqlite3 '\(copy)'"]
    ).finish()
    #expect(dump.status == 0, "\(dump.err)")
    place.queue = copy
    let refused = try place.work("--once")
    #expect(refused.status == 74, "\(refused.err)")
    let advice = try #require(
      refused.err.firstRange(of: "set it: ").map { refused.err[$0.upperBound...] })
    let repair = try Programs.startOther("sh", ["-c", String(advice)]).finish()
    #expect(repair.status == 0, "\(advice): \(repair.err)")
    try expectAllCommandsWork(asks: 3)
  }
}
