import Foundation
import Larkspur
import Programs
import Testing

/// The files beside a queue are removed, `rm queue.db-*`, while it is open.
@Suite struct RemovedLogTests {
  let place: Place

  init() throws { place = try Place() }

  /// By the time the first file is gone, the worker may have removed the second.
  private func remove(_ suffixes: [String], of place: Place) {
    for suffix in suffixes { try? FileManager.default.removeItem(atPath: place.queue + suffix) }
  }

  private func startEnqueue(_ token: String) throws -> Started {
    try Programs.start(
      "larkspur", ["enqueue", "preview", token, "--everyone"], place.environment)
  }

  private func expectAccepted(_ token: String) throws {
    let end = try startEnqueue(token).finish()
    #expect(end.status == 0, "\(end.err)")
  }

  private func expectDelivered(_ count: Int) {
    let isDone = eventually { (try? place.delivered()) == count }
    #expect(isDone, "\((try? place.delivered()) ?? -1) of \(count) were delivered")
  }

  /// Expects that the sandbox saw each token once, and that the queue is sound.
  private func expectAllSent(_ tokens: Set<String>) throws {
    let sent = try place.previews().flatMap { $0.preview_tokens ?? [] }
    #expect(Set(sent) == tokens && sent.count == tokens.count)
    #expect(try place.number("select count(*) from pragma_integrity_check") == 1)
    let check = try Programs.startOther("sqlite3", [place.queue, "pragma integrity_check"]).finish()
    #expect(check.out == "ok\n")
  }

  private func end(_ worker: Started) {
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 0, "\(end.err)")
  }

  static let combinations = [["-wal"], ["-shm"], ["-wal", "-shm"]]

  @Test(arguments: combinations)
  func `an idle worker goes on, and what it had not copied yet is not lost`(
    suffixes: [String]
  ) throws {
    let worker = try place.startWork()
    try expectAccepted("a")
    expectDelivered(1)
    // None of this is in the database file itself yet.
    #expect(try Data(contentsOf: URL(filePath: place.queue + "-wal")).count > 0)
    remove(suffixes, of: place)
    for token in ["b", "c", "d"] { try expectAccepted(token) }
    expectDelivered(4)
    end(worker)
    try expectAllSent(["a", "b", "c", "d"])
    #expect(worker.errors.contains("-wal or -shm file"))
  }

  @Test(arguments: combinations)
  func `calls under way are answered once, and nothing is sent twice`(suffixes: [String]) throws {
    let place = try Place(sandbox: ["--latency", "1s"])
    let tokens = (0..<30).map { "t\($0)" }
    try place.ask(tokens.map { .preview($0, for: .everyone) })
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.number("select count(*) from in_flight")) ?? 0 > 0 })
    remove(suffixes, of: place)
    #expect(eventually { (try? place.delivered()) == 30 })
    end(worker)
    let sent = try place.previews().flatMap { $0.preview_tokens ?? [] }
    #expect(sent.count == 30 && Set(sent) == Set(tokens))
    #expect(try place.number("select count(*) from call where outcome = 'unknown'") == 0)
  }

  @Test(arguments: combinations)
  func `a backend that has the queue open goes on asking`(suffixes: [String]) async throws {
    let worker = try place.startWork("--quiet")
    let backend = try await Queue(path: place.queue)
    _ = try await backend.enqueue(.preview("a", for: .everyone))
    expectDelivered(1)
    remove(suffixes, of: place)
    _ = try await backend.enqueue(.preview("b", for: .everyone))
    expectDelivered(2)
    try expectAccepted("c")
    expectDelivered(3)
    end(worker)
    try expectAllSent(["a", "b", "c"])
  }

  @Test func `while another program keeps the old files open, asks wait and are not lost`() throws {
    let worker = try place.startWork()
    try expectAccepted("a")
    expectDelivered(1)
    let other = try Shell(place.queue)
    try other.run("select count(*) from ask;")
    remove(["-wal", "-shm"], of: place)
    #expect(eventually { worker.errors.contains("fuser") })
    let waiting = try startEnqueue("b")
    // It waits for up to ten seconds.
    #expect(!eventually(within: 1) { !waiting.process.isRunning })
    try other.end()
    let end = waiting.finish()
    #expect(end.status == 0, "\(end.err)")
    expectDelivered(2)
    self.end(worker)
    try expectAllSent(["a", "b"])
  }

  @Test func `when somebody has written meanwhile the worker stops and says so`() throws {
    // When this closes, the tables are in the database and no longer only in the log.
    try expectAccepted("a")
    let worker = try place.startWork()
    expectDelivered(1)
    // While this shell has the files open, the worker cannot restore them before the newcomer
    // arrives.
    let other = try Shell(place.queue)
    try other.run("select count(*) from ask;")
    remove(["-wal", "-shm"], of: place)
    let newcomer = try Programs.startOther(
      "sqlite3",
      [place.queue, "insert into ask (lane, body) values ('new', '{\"everyone\":true}')"]
    ).finish()
    #expect(newcomer.status == 0, "\(newcomer.err)")
    try other.end()
    let stopped = worker.finish()
    #expect(stopped.status == 74, "\(stopped.err)")
    #expect(stopped.err.contains("may be missing"), "\(stopped.err)")
    #expect(stopped.err.contains("integrity_check"))
    try expectAccepted("later")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    let sent = try place.previews().flatMap { $0.preview_tokens ?? [] }
    #expect(sent.contains("new") && sent.contains("later"))
  }

  @Test func `a worker that is asked to end writes back first`() throws {
    let worker = try place.startWork("--quiet")
    try expectAccepted("a")
    expectDelivered(1)
    worker.kill(SIGSTOP)
    remove(["-wal", "-shm"], of: place)
    worker.kill(SIGTERM)
    worker.kill(SIGCONT)
    #expect(worker.finish().status == 0)
    #expect(try place.delivered() == 1)
    try expectAllSent(["a"])
  }
}
