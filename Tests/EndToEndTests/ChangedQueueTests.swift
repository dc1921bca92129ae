import Foundation
import Larkspur
import Programs
import Testing

/// Queues that were changed with `sqlite3`, and the programs that open them.
@Suite struct ChangedQueueTests {
  private func sqlite(_ place: Place, _ lines: String...) throws -> Programs.Finished {
    try sqlite(place.queue, lines)
  }

  private func sqlite(_ path: String, _ lines: [String]) throws -> Programs.Finished {
    try Programs.startOther("sqlite3", [path] + lines).finish()
  }

  @Test
  func `a row that was changed with the triggers off stops neither the worker nor the others`()
    throws
  {
    let place = try Place()
    let changes = [
      "kind = 'foo'", "body = '{\"open_ids\":[]}'", "after_ms = 9223372036854775807",
      "body = '{'", "account = ''", "asked_ms = -9223372036854775808",
    ]
    let good = try place.ask([.preview("good", for: .everyone)])
    let asks = try place.ask(changes.map { _ in .preview("changed", for: .people(["ou_1"])) })
    for (ask, change) in zip(asks, changes) {
      let end = try Programs.startOther(
        "sqlite3",
        [
          "-cmd", ".dbconfig enable_trigger off", place.queue,
          "update ask set \(change) where id = \(ask)",
        ]
      ).finish()
      #expect(end.status == 0, "\(end.err)")
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 1, "\(run.err)")
    let states = try Inspector(queue: place.queue).rows("select outcome from ask order by id").rows
    // The last one only has an old `asked_ms`, and is valid.
    #expect(
      states == [[.text("delivered")]] + [[Cell]](repeating: [.text("dead")], count: 5)
        + [[.text("delivered")]])
    #expect(good == [1])
    let list = try Programs.run("larkspur", ["list", "--state", "dead"], place.environment)
    #expect(
      list.out.contains("no longer valid: its kind is not preview, card, session, key or url"))
    #expect(try place.work("--until-empty").status == 0)
  }

  @Test func `with the triggers on, such changes are refused in a sentence`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    let end = try sqlite(place, "update ask set kind = 'foo'")
    #expect(end.status != 0 && end.err.contains("an ask cannot be changed: delete it"))
    let mistakes = [
      ["a", "--open-id", "bob"], ["a", "--open-id", "on_1"], ["a", "--open-id", "bob@example.com"],
      ["<token>", "--everyone"], ["https://example.com/1", "--everyone"],
    ]
    for words in mistakes {
      let run = try Programs.run("larkspur", ["enqueue", "preview"] + words, place.environment)
      #expect(run.status == 65 && run.err.split(separator: "\n").count == 1, "\(run.err)")
    }
  }

  @Test func `a deleted ask is not delivered`() throws {
    let place = try Place()
    let worker = try place.startWork("--quiet")
    try place.ask([
      .preview("a", for: .everyone, after: .seconds(600)), .preview("b", for: .everyone),
    ])
    #expect(try eventually { try place.delivered() == 1 })
    #expect(try sqlite(place, "delete from ask where lane = 'a'").status == 0)
    #expect(try eventually { try place.number("select count(*) from queue") == 0 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    #expect(try place.previews().flatMap { $0.preview_tokens ?? [] } == ["b"])
  }

  @Test func `what sqlite3 dumps is a queue again, with its checks`() throws {
    let place = try Place()
    try place.ask([.preview("done", for: .everyone)])
    #expect(try place.work("--until-empty").status == 0)
    try place.ask([.preview("open", for: .people(["ou_1"]))])
    let text = try sqlite(place, ".dump").out
    let file = place.folder.appending(path: "dump.sql")
    let version = try place.number("pragma user_version")
    let marks = """
      pragma journal_mode = wal;
      pragma user_version = \(version);
      pragma application_id = \(0x4C61_726B);
      """
    try Data((text + marks).utf8).write(to: file)
    place.queue = place.folder.appending(path: "restored.db").path
    let restored = try sqlite(place, ".bail on", ".read \(file.path)")
    #expect(restored.status == 0, "\(restored.err)")
    let refused = try sqlite(place, "update ask set lane = 'x'")
    #expect(refused.err.contains("an ask cannot be changed"))
    try place.ask([.preview("new", for: .everyone)])
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 3)
  }
}
