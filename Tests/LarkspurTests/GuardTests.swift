import Chance
import Foundation
import Planning
import Testing

@testable import Larkspur

/// What the schema forbids anyone to do to existing asks.
struct GuardTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add([
      .preview("a", for: .people(["ou_1"]), after: .seconds(1), expiresIn: .seconds(9)),
      .preview("b", for: .everyone),
    ])
  }

  private func refusal(of sql: String) throws -> String? {
    try Connection(path: folder.queue, mode: .readWrite).refusal(of: sql)
  }

  private func rows(_ sql: String) throws -> [[Cell]] {
    try Inspector(queue: folder.queue).rows(sql).rows
  }

  @Test(arguments: [
    "account = 'shop'", "kind = 'card'", "kind = 'foo'", "lane = 'c'", "lane = ''",
    "body = '{\"open_ids\":[]}'", "body = '{'", "after_ms = 9223372036854775807", "after_ms = 2",
    "expires_in_ms = null", "expires_in_ms = 1", "asked_ms = 0", "id = 7", "rowid = 7", "oid = 7",
    "_rowid_ = 7", "lane = 'a', kind = 'session'",
  ])
  func `what was asked cannot be changed`(change: String) throws {
    let before = try rows("select * from ask")
    for verb in ["update", "update or replace", "update or ignore"] {
      let refused = try refusal(of: "\(verb) ask set \(change) where id = 1")
      #expect(refused?.contains("an ask cannot be changed: delete it") == true, "\(verb)")
    }
    #expect(try rows("select * from ask") == before)
  }

  @Test func `a library that writes every column with the value it has changes nothing`() throws {
    let refused = try refusal(
      of: """
        update ask set id = 1, account = 'default', kind = 'preview', lane = 'a',
          body = '{"open_ids":["ou_1"]}', after_ms = 1000, expires_in_ms = 9000, asked_ms = asked_ms,
          lane_id = null, audience_id = null, first_call = null, due_ms = null, expires_ms = null,
          refused = null, outcome = null, reason = null, ended_ms = null, call_id = null
        where id = 1
        """)
    #expect(refused == nil)
  }

  @Test(arguments: [
    "insert into ask (id, lane, body) values (9, 'c', '{\"everyone\":true}')",
    "insert into ask (rowid, lane, body) values (9, 'c', '{\"everyone\":true}')",
    // The id that SQLite shows if none is given.
    "insert into ask (id, lane, body) values (-1, 'c', '{\"everyone\":true}')",
    "insert or ignore into ask (id, lane, body) values (9, 'c', '{\"everyone\":true}')",
    "replace into ask (id, lane, body) values (1, 'c', '{\"everyone\":true}')",
    "replace into ask select * from ask where id = 1",
    """
    insert into ask (id, lane, body) values (1, 'c', '{"everyone":true}')
    on conflict (id) do update set lane = excluded.lane
    """,
    """
    insert into ask (id, lane, body) values (1, 'c', '{"everyone":true}')
    on conflict do nothing
    """,
  ])
  func `an id is given, never taken`(statement: String) throws {
    let before = try rows("select * from ask")
    #expect(try refusal(of: statement)?.contains("leave the id out") == true)
    #expect(try rows("select * from ask") == before)
  }

  @Test(arguments: ["", "id, ", "rowid, "])
  func `without an id, or with none, a row is taken`(column: String) throws {
    let value = column.isEmpty ? "" : "null, "
    let refused = try refusal(
      of: "replace into ask (\(column)lane, body) values (\(value)'c', '{\"everyone\":true}')")
    #expect(refused == nil)
    #expect(try rows("select id from ask where lane = 'c'") == [[.int(3)]])
  }

  static let mistakes: [(String, String, String)] = [
    ("t", #"{"open_ids":["bob"]}"#, "an open_id begins with ou_"),
    ("t", #"{"open_ids":["ou_"]}"#, "an open_id begins with ou_"),
    ("t", #"{"open_ids":["OU_1"]}"#, "an open_id begins with ou_"),
    ("t", #"{"open_ids":["ou_1","on_2"]}"#, "that is a union_id"),
    ("t", #"{"open_ids":["bob@example.com","ou_1"]}"#, "that is an e-mail address"),
    ("<token>", #"{"everyone":true}"#, "still a placeholder"),
    ("<preview_token>", #"{"open_ids":["ou_1"]}"#, "still a placeholder"),
    ("https://example.com/ticket/7", #"{"everyone":true}"#, "that is a URL"),
    ("HTTP://example.com", #"{"everyone":true}"#, "that is a URL"),
  ]

  @Test(arguments: mistakes)
  func `an obvious mistake is refused with what it should look like`(
    token: String, body: String, sentence: String
  ) throws {
    let refused = try refusal(of: "insert into ask (lane, body) values ('\(token)', '\(body)')")
    #expect(refused?.contains(sentence) == true, "\(refused ?? "accepted")")
    let line = #"{"token":"\#(token)",\#(body.dropFirst())"#
    var checker = try BulkIntake.Checker(BulkIntake.Common(.preview))
    #expect(checker.refusal(of: line) == refused)
  }

  @Test(arguments: [
    "952te0c8-9ccf-463d-ad73-593f8f768a5c", "w00aGVsbG8_d29ybGQ-bG9uZ2Vy", "http", "a/b+c=",
  ])
  func `a token of any shape is taken`(token: String) throws {
    #expect(
      try refusal(of: "insert into ask (lane, body) values ('\(token)', '{\"everyone\":true}')")
        == nil)
  }
}

/// A queue of every earlier schema, migrated to this one.
struct GuardedMigrationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(schema: Int) throws {
    try Data().write(to: URL(filePath: folder.queue))
    let old = try Connection(path: folder.queue, mode: .readWrite)
    try old.execute("pragma journal_mode = wal")
    for step in 1...schema {
      try old.run(script: String(decoding: Migrator.steps[step - 1], as: UTF8.self))
    }
    try old.run(
      script: """
        pragma user_version = \(schema);
        pragma application_id = \(QueueFile.applicationID);
        insert into ask (lane, body) values ('<a>', '{"open_ids":["bob"]}');
        insert into ask (lane, body) values ('https://b', '{"everyone":true}');
        """)
  }

  /// The schemas whose rows may hold what has been refused since schema 6.
  @Test(arguments: 1...5)
  func `what it holds stays workable, and what comes is checked`(schema: Int) throws {
    try make(schema: schema)
    let store = try WorkerStore(queue: folder.queue)
    let now: Moment = 1_700_000_000_000
    let flight = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
      let folded = try store.fold(at: now, limit: 10)
      #expect(folded.lanes == 2 && folded.dead.isEmpty)
      var settled = Settled()
      let channel = Channel(account: try store.account("default"), kind: .preview)
      return try store.claim(
        channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: now,
        timeout: 10_000, &settled)
    }
    #expect(flight != nil)
    let queue = try Connection(path: folder.queue, mode: .readWrite)
    #expect(
      queue.refusal(of: "update ask set kind = 'card'")?.contains("cannot be changed") == true)
    #expect(
      queue.refusal(of: "insert into ask (lane, body) values ('a', '{\"open_ids\":[\"bob\"]}')")?
        .contains("ou_") == true)
    #expect(
      queue.refusal(of: "insert into ask (id, lane, body) values (9, 'a', '{\"everyone\":true}')")?
        .contains("leave the id out") == true)
    #expect(queue.refusal(of: "delete from ask") == nil)
  }
}
