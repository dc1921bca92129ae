import Foundation
import Larkspur
import Programs
import Testing

/// The queue's name is a link, and the file that it leads to is removed.
@Suite struct BrokenLinkTests {
  let place: Place
  private let target: String

  init() throws {
    place = try Place()
    target = place.folder.appending(path: "target.db").path
    _ = try Intake(queue: target).add([.preview("a", for: .everyone)])
    try FileManager.default.createSymbolicLink(
      atPath: place.queue, withDestinationPath: target)
  }

  private func removeTarget(_ suffixes: [String]) {
    for suffix in suffixes { try? FileManager.default.removeItem(atPath: target + suffix) }
  }

  /// A worker that stays says it in its log, and any other program as its answer.
  private func expectSentence(
    _ end: Programs.Finished, status: Int32, isLog: Bool = false
  ) {
    #expect(end.status == status)
    let prefix = isLog ? " error   " : "larkspur: "
    let sentence =
      "\(prefix)queue \(place.queue) is a link to \(target), which does not exist; put the queue "
      + "back there, with its -wal file if there is one, or remove the link\n"
    #expect(isLog ? end.err.hasSuffix(sentence) : end.err == sentence, "\(end.err)")
  }

  @Test func `every program says the same`() throws {
    removeTarget(["", "-wal", "-shm"])
    let enqueue = ["enqueue", "preview", "b", "--everyone"]
    expectSentence(try Programs.run("larkspur", enqueue, place.environment), status: 73)
    for command in ["status", "list"] {
      expectSentence(try Programs.run("larkspur", [command], place.environment), status: 66)
    }
    expectSentence(try place.work("--once"), status: 73)
  }

  @Test(arguments: [[""], ["", "-wal", "-shm"]])
  func `and so does a worker that has it open`(suffixes: [String]) throws {
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    removeTarget(suffixes)
    expectSentence(worker.finish(), status: 74, isLog: true)
  }

  @Test func `without the link the queue is made again`() throws {
    removeTarget([""])
    try FileManager.default.removeItem(atPath: place.queue)
    let enqueue = ["enqueue", "preview", "b", "--everyone"]
    #expect(try Programs.run("larkspur", enqueue, place.environment).status == 0)
  }

  @Test func `a queue removed with its log is not said to have left it behind`() throws {
    try FileManager.default.removeItem(atPath: place.queue)
    place.queue = target
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    removeTarget(["", "-wal", "-shm"])
    let end = worker.finish()
    #expect(end.status == 74 && !end.err.contains("-wal"), "\(end.err)")
  }
}
