import Foundation
import Larkspur
import Programs
import Testing

/// Following the advice of a worker that has found its log replaced.
@Suite struct SplitLogAdviceTests {
  let place: Place

  init() throws {
    place = try Place()
    #expect(try enqueue("a").status == 0)
  }

  private func enqueue(_ token: String) throws -> Programs.Finished {
    try Programs.run("larkspur", ["enqueue", "preview", token, "--everyone"], place.environment)
  }

  private func insert(_ lane: String, in shell: Shell) throws {
    try shell.run("insert into ask (lane, body) values ('\(lane)', '{\"everyone\":true}');")
  }

  /// Returns the message of a worker that ends because `kept` and `lost` were written to different
  /// logs.
  private func splitLog() throws -> String {
    let worker = try place.startWork("--quiet")
    #expect(try enqueue("b").status == 0)
    #expect(eventually { (try? place.delivered()) == 2 })
    let old = try Shell(place.queue)
    try old.run("select count(*) from ask;")
    for suffix in ["-wal", "-shm"] {
      try FileManager.default.removeItem(atPath: place.queue + suffix)
    }
    let new = try Shell(place.queue)
    try insert("kept", in: new)
    try insert("lost", in: old)
    for shell in [old, new] { try shell.end() }
    let end = worker.finish()
    #expect(end.status == 74)
    return end.err
  }

  /// Runs the command that the message recommends to check the file.
  private func check(_ sentence: String) throws -> String {
    let command = try #require(sentence.firstMatch(of: /Check the queue: (.+?)\. If/)).output.1
    return try Programs.startOther("sh", ["-c", String(command)]).finish().out
  }

  private func expectSent(_ tokens: String...) throws {
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    let sent = try place.previews().flatMap { $0.preview_tokens ?? [] }
    #expect(Set(tokens).isSubset(of: sent), "\(sent)")
  }

  private static func local(_ date: Date) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd HH:mm:ss"
    return format.string(from: date)
  }

  @Test func `what is asked again after the moment that is named is all that was missing`() throws {
    // This run leaves a known time in the queue.
    #expect(try place.work("--until-empty").status == 0)
    let worked = Self.local(Date())
    let sentence = try splitLog()
    let moment = try #require(sentence.firstMatch(of: /Asks made after (.{19}) may be missing/))
    #expect(String(moment.output.1) <= worked)
    #expect(try check(sentence) == "ok\n")
    #expect(try enqueue("lost").status == 0)
    try expectSent("kept", "lost")
  }

  @Test func `where nothing tells a moment, all is asked again`() throws {
    let sentence = try splitLog()
    #expect(sentence.contains("Any of its asks may be missing"), "\(sentence)")
    #expect(try check(sentence) == "ok\n")
    for token in ["b", "lost"] { #expect(try enqueue(token).status == 0) }
    try expectSent("b", "kept", "lost")
  }

  @Test func `a damaged queue is moved away, and a new one is made`() throws {
    let sentence = try splitLog()
    let file = try FileHandle(forUpdating: URL(filePath: place.queue))
    try file.seek(toOffset: 8_192)
    try file.write(contentsOf: Data(repeating: 0xff, count: 40_960))
    try file.close()
    #expect(try check(sentence) != "ok\n")
    let away = place.folder.appending(path: "away")
    try FileManager.default.createDirectory(at: away, withIntermediateDirectories: true)
    let moved = try Programs.startOther("sh", ["-c", "mv \(place.queue)* \(away.path)"]).finish()
    #expect(moved.status == 0)
    #expect(try enqueue("lost").status == 0)
    try expectSent("lost")
  }
}
