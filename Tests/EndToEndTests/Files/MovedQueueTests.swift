import Foundation
import Larkspur
import Programs
import Testing

/// A queue is moved without the files beside it.
@Suite struct MovedQueueTests {
  let place: Place

  init() throws { place = try Place() }

  private var moved: String { place.queue + ".moved" }

  private func enqueue(_ token: String, _ more: String...) throws -> Programs.Finished {
    try Programs.run(
      "larkspur", ["enqueue", "preview", token, "--everyone"] + more, place.environment)
  }

  private func asks(in queue: String) throws -> [String] {
    let listed = try Programs.startOther("sqlite3", [queue, "select lane from ask order by id"])
    return listed.finish().out.split(separator: "\n").map(String.init)
  }

  @Test func `moved while it is worked, it takes along what was asked last`() throws {
    #expect(try enqueue("first").status == 0)
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    for token in ["second", "third"] { #expect(try enqueue(token, "--after", "1h").status == 0) }
    try FileManager.default.moveItem(atPath: place.queue, toPath: moved)
    let end = worker.finish()
    #expect(end.status == 74)
    #expect(end.err.contains("moved or removed"))
    #expect(try asks(in: moved) == ["first", "second", "third"])
    // From now on asks go to a new queue.
    #expect(try enqueue("fourth").status == 0)
    #expect(try asks(in: place.queue) == ["fourth"])
    #expect(try asks(in: moved) == ["first", "second", "third"])
  }

  @Test func `no queue is made where the log of another one lies`() throws {
    #expect(try enqueue("first").status == 0)
    let reader = try Shell(place.queue)
    try reader.run("select count(*) from ask;")
    #expect(try enqueue("second").status == 0)
    try FileManager.default.moveItem(atPath: place.queue, toPath: moved)
    let refused = try enqueue("third")
    #expect(refused.status == 73)
    #expect(refused.err.contains("-wal still holds what was written to one"))
    try FileManager.default.moveItem(atPath: moved, toPath: place.queue)
    try reader.end()
    #expect(try enqueue("fourth").status == 0)
    #expect(try asks(in: place.queue) == ["first", "second", "fourth"])
  }

  @Test func `a worker whose lock file was removed stays the only one`() throws {
    #expect(try enqueue("first").status == 0)
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    try FileManager.default.removeItem(atPath: place.queue + ".worker")
    let second = try place.work("--once")
    #expect(second.status == 0)
    #expect(second.err.contains("already running on this queue, and its lock file was removed"))
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }
}
