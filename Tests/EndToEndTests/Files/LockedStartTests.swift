import Foundation
import Larkspur
import Programs
import Testing

/// A worker is started while another program holds the write lock.
@Suite struct LockedStartTests {
  let place: Place

  init() throws {
    place = try Place()
    try place.ask([.preview("a", for: .everyone)])
  }

  /// A queue that cannot be opened without the lock, because it has to be set to WAL again.
  private func lockForOpening() throws -> Shell {
    let shell = try Shell(place.queue)
    try shell.run("pragma journal_mode = delete;")
    try shell.run("begin immediate;")
    return shell
  }

  private func expectDelivered(by worker: Started) {
    #expect(eventually { (try? place.delivered()) == 1 }, "\(worker.errors)")
    #expect(worker.errors.contains("the queue can be written again"), "\(worker.errors)")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  @Test func `a worker that stays waits to open the queue, says so and goes on`() throws {
    let shell = try lockForOpening()
    let worker = try place.startWork()
    #expect(eventually { worker.errors.contains("retrying: ") || !worker.process.isRunning })
    #expect(worker.errors.contains("locked by another program"), "\(worker.errors)")
    try shell.run("commit;")
    try shell.end()
    expectDelivered(by: worker)
  }

  @Test func `a worker that stays waits for its first transaction`() throws {
    let shell = try Shell(place.queue)
    try shell.run("begin immediate;")
    let worker = try place.startWork()
    #expect(eventually { worker.errors.contains("retrying: ") || !worker.process.isRunning })
    try shell.run("commit;")
    expectDelivered(by: worker)
  }

  @Test func `a worker that waits to open the queue ends when it is asked to`() throws {
    let shell = try lockForOpening()
    let worker = try place.startWork()
    #expect(eventually { worker.errors.contains("retrying: ") || !worker.process.isRunning })
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 0, "\(end.err)")
    try shell.end()
  }

  @Test(arguments: [["--once"], ["--until-empty"], ["--for", "1s"]])
  func `a run with an end does not wait to open the queue`(arguments: [String]) throws {
    let shell = try lockForOpening()
    let run = try Programs.run("larkspur-work", arguments, place.environment)
    #expect(run.status == 74)
    #expect(run.err.contains("locked by another program"), "\(run.err)")
    try shell.end()
  }

  @Test func `a lock does not keep a run beyond its time`() throws {
    let shell = try Shell(place.queue)
    try shell.run("begin immediate;")
    let run = try Programs.run(
      "larkspur-work", ["--for", "1s"], place.environment, within: 30)
    #expect(run.status == 74)
    #expect(run.err.contains("locked by another program"), "\(run.err)")
    try shell.end()
  }
}
