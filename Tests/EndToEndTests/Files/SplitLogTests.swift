import Foundation
import Larkspur
import Programs
import Testing

/// The files beside a queue are removed while a worker and a `sqlite3` have them open, and another
/// `sqlite3` creates new ones. The two now see different queues.
@Suite struct SplitLogTests {
  let place: Place
  let worker: Started
  /// Has the removed files open.
  let first: Shell

  init() throws {
    place = try Place()
    #expect(try Self.enqueue("a", at: place).status == 0)
    worker = try place.startWork()
    let place = place
    #expect(eventually { (try? place.delivered()) == 1 }, "\(worker.errors)")
    first = try Shell(place.queue)
    try first.run("select count(*) from ask;")
  }

  private static func enqueue(_ token: String, at place: Place) throws -> Programs.Finished {
    try Programs.run("larkspur", ["enqueue", "preview", token, "--everyone"], place.environment)
  }

  private func remove(_ suffixes: [String]) {
    for suffix in suffixes { try? FileManager.default.removeItem(atPath: place.queue + suffix) }
  }

  /// Another `sqlite3`. It creates the files that are missing.
  private func openAnother() throws -> Shell {
    let another = try Shell(place.queue)
    try another.run("select count(*) from ask;")
    return another
  }

  private func ask(_ lane: String, in shell: Shell) throws {
    try shell.run(
      """
      insert into ask (lane, body) values ('\(lane)', '{"everyone":true}') \
      returning 'accepted ' || lane;
      """)
  }

  private func accepted(_ shells: Shell...) -> Set<String> {
    let lines = shells.flatMap { $0.output.split(separator: "\n") }
    return Set(lines.filter { $0.hasPrefix("accepted ") }.map { String($0.dropFirst(9)) })
  }

  private func isDelivered(_ tokens: Set<String>) -> Bool {
    let sent = (try? place.previews().flatMap { $0.preview_tokens ?? [] }) ?? []
    return tokens.isSubset(of: sent)
  }

  /// Either everything accepted is delivered, or the worker ends and says what may be missing.
  private func expectNothingLostSilently(_ tokens: Set<String>) {
    #expect(eventually(within: 20) { isDelivered(tokens) || !worker.process.isRunning })
    if worker.process.isRunning { return }
    let end = worker.finish()
    #expect(end.status == 74, "\(end.err)")
    #expect(end.err.contains("may be missing"), "\(end.err)")
  }

  private func expectAllDelivered(_ tokens: Set<String>) throws {
    #expect(eventually { isDelivered(tokens) }, "\(worker.errors)")
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 0, "\(end.err)")
    try expectWhole()
  }

  private func expectStopped() {
    let end = worker.finish()
    #expect(end.status == 74, "\(end.err)")
    #expect(end.err.contains("may be missing"), "\(end.err)")
  }

  private func expectWhole() throws {
    let check = try Programs.startOther("sqlite3", [place.queue, "pragma integrity_check"]).finish()
    #expect(check.out == "ok\n")
  }

  private func expectEnqueuingWorks() throws {
    let end = try Self.enqueue("later", at: place)
    #expect(end.status == 0, "\(end.err)")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(isDelivered(["later"]))
  }

  static let combinations = [["-wal"], ["-shm"], ["-wal", "-shm"]]

  @Test(
    arguments: combinations, [[0, 1], [1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1], [1, 1, 0]])
  func `when both write, nothing is lost without a word`(suffixes: [String], order: [Int]) throws {
    remove(suffixes)
    let shells = [first, try openAnother()]
    for (number, which) in order.enumerated() { try ask("t\(number)", in: shells[which]) }
    let accepted = accepted(first, shells[1])
    #expect(!accepted.isEmpty)
    for shell in shells { try shell.end() }
    expectNothingLostSilently(accepted)
    worker.kill(SIGTERM)
    _ = worker.finish()
    try expectWhole()
    try expectEnqueuingWorks()
  }

  @Test(arguments: combinations)
  func `what only the first one writes is written back`(suffixes: [String]) throws {
    remove(suffixes)
    let second = try openAnother()
    for token in ["b", "c"] { try ask(token, in: first) }
    try first.end()
    try second.end()
    try expectAllDelivered(["a", "b", "c"])
  }

  @Test(arguments: combinations)
  func `asked to end too early, the worker says how to keep what it cannot write back`(
    suffixes: [String]
  ) throws {
    remove(suffixes)
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 74)
    #expect(end.err.contains("end these programs (see: fuser \(place.queue))"), "\(end.err)")
    try first.end()
    #expect(try place.delivered() == 1)
    try expectWhole()
    try expectEnqueuingWorks()
  }

  @Test func `what only the second one writes into the same log is found`() throws {
    remove(["-shm"])
    let second = try openAnother()
    for token in ["b", "c"] { try ask(token, in: second) }
    try first.end()
    try second.end()
    try expectAllDelivered(["a", "b", "c"])
  }

  @Test(
    arguments: [["-wal"], ["-shm"], ["-wal", "-shm"]], [["-wal", "-shm"], ["-shm"], ["-wal"]])
  func `removed twice, nothing is lost without a word either`(
    suffixes: [String], again: [String]
  ) throws {
    remove(suffixes)
    let second = try openAnother()
    try ask("b", in: second)
    #expect(eventually { worker.errors.contains("fuser") })
    remove(again)
    let third = try openAnother()
    try ask("c", in: first)
    let accepted = accepted(first, second, third)
    for shell in [first, second, third] { try shell.end() }
    expectNothingLostSilently(accepted)
    worker.kill(SIGTERM)
    _ = worker.finish()
    try expectEnqueuingWorks()
  }
}
