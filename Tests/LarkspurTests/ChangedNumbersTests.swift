import Foundation
import Planning
import Testing

@testable import Larkspur

/// Id counters, and the mark of the last folded ask, after someone has changed them.
struct ChangedNumbersTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// All asks have ended and been pruned; only their ids are used up.
  private func useIDs() throws {
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add((1...9).map { .preview("t\($0)", for: .everyone) })
    try intake.db.run(script: "update worker set folded_ask = 9; delete from ask")
  }

  private func change(_ sql: String) throws {
    try Connection(path: folder.queue, mode: .readWrite).run(script: sql)
  }

  private static let resets = [
    "delete from sqlite_sequence", "update sqlite_sequence set seq = 0",
    "update sqlite_sequence set seq = -7", "update sqlite_sequence set seq = 'x'",
  ]

  private static let jumps = [
    "update sqlite_sequence set seq = 9223372036854775807",
    "update sqlite_sequence set seq = 2000000000000000",
    "update worker set folded_ask = 9223372036854775807", "delete from worker",
    "update worker set folded_ask = 5000000000000000; delete from sqlite_sequence",
  ]

  @Test(arguments: resets)
  func `an id that was given is not given again, and asking goes on`(change: String) throws {
    try useIDs()
    let intake = try Intake(queue: folder.queue)
    try self.change(change)
    #expect(try intake.add([.preview("a", for: .everyone)]) == [10])
    try self.change(change + "; delete from ask")
    let common = BulkIntake.Common(.preview)
    _ = try BulkIntake.write([#"{"token":"b","everyone":true}"#], common, to: intake)
    #expect(try intake.add([.preview("a", for: .everyone)])[0] > 10)
  }

  @Test(arguments: resets + jumps)
  func `a worker sets them right, and folds what comes`(change: String) throws {
    try useIDs()
    try self.change(change)
    let store = try WorkerStore(queue: folder.queue)
    #expect(try store.transaction { () throws(StoreError) in try store.repairNumbers() })
    #expect(try !store.transaction { () throws(StoreError) in try store.repairNumbers() })
    try self.change("insert into ask (lane, body) values ('a', '{\"everyone\":true}')")
    let folded = try store.transaction { () throws(StoreError) in try store.fold(at: 1, limit: 9) }
    #expect(folded.lanes == 1)
  }

  @Test(arguments: resets)
  func `no lane or call gets the id of one that this run still remembers`(change: String) throws {
    _ = try Intake(queue: folder.queue).add([.preview("a", for: .everyone)])
    let store = try WorkerStore(queue: folder.queue)
    let (lane, call) = try foldAndClaim(store)
    try self.change("delete from lane; delete from call; delete from ask; " + change)
    _ = try Intake(queue: folder.queue).add([.preview("b", for: .everyone)])
    let (otherLane, otherCall) = try foldAndClaim(store)
    #expect(otherLane > lane && otherCall > call)
  }

  private func foldAndClaim(_ store: WorkerStore) throws -> (lane: Int, call: Int) {
    let call = try store.transaction { () throws(StoreError) in
      _ = try store.repairNumbers()
      _ = try store.fold(at: Moment(1), limit: 9)
      var settled = Settled()
      let account = try store.account("default")
      return try store.claim(
        Channel(account: account, kind: .preview), [.urgent, .ordinary], packing: .exact,
        PackingTerms(joins: true, secondsSince1970: 1, dice: [0, 0]), at: Moment(1),
        horizon: Moment(1), timeout: 1, &settled)
    }
    let claimed = try #require(call)
    return (claimed.lanes[0].id, claimed.id)
  }

  @Test(arguments: resets) func `plain SQL is told what to do`(change: String) throws {
    try useIDs()
    try self.change(change)
    let error = #expect(throws: StoreError.self) {
      try self.change("insert into ask (lane, body) values ('a', '{\"everyone\":true}')")
    }
    #expect(error?.message.contains("run larkspur work or larkspur enqueue") == true)
  }

  @Test(arguments: [
    "{token}", "$TOKEN", "${TOKEN}", "{{token}}", "%s", "YOUR_TOKEN", "your-preview-token",
    "feishu.cn/x", "www.feishu.cn/docx/abc", "example.com/",
  ])
  func `a placeholder or a URL is refused as a token`(token: String) throws {
    let intake = try Intake(queue: folder.queue)
    let error = #expect(throws: QueueError.self) {
      try intake.add([.preview(token, for: .everyone)])
    }
    #expect(error?.kind == .refused && error?.description.contains("preview_token") == true)
  }

  @Test(arguments: [
    "eyJhbGciOi.eyJzdWIi/x.SflKxw", "a/b.c", "a.b", "abc.de", "%2Fabc", "a%s", "yourself", "0.5/7=",
    "w00aGVsbG8_d29ybGQ", "a/b+c==", "</script>", "~'`{}[]",
  ])
  func `what may be a token is taken`(token: String) throws {
    #expect(try Intake(queue: folder.queue).add([.preview(token, for: .everyone)]) == [1])
  }

  /// A queue of every earlier schema, migrated to this one.
  @Test(arguments: 1...9) func `older queues get all of this`(schema: Int) throws {
    try Data().write(to: URL(filePath: folder.queue))
    do {
      let old = try Connection(path: folder.queue, mode: .readWrite)
      try old.execute("pragma journal_mode = wal")
      for step in 1...schema { try old.run(script: Migrator.script(step)) }
      try old.run(
        script: """
          pragma user_version = \(schema);
          pragma application_id = \(QueueFile.applicationID);
          insert into ask (lane, body, after_ms) values ('{a}', '{"everyone":true}', 5);
          insert into ask (lane, body, expires_in_ms) values ('b', '{"everyone":true}', 5);
          """)
    }
    let store = try WorkerStore(queue: folder.queue)
    let folded = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: 1, sinceBoot_ms: 1, boot: "b"), charged: [])
      return try store.fold(at: 1, limit: 9)
    }
    #expect(folded.lanes == 1)
    try change("update ask set lane_id = 77 where lane = 'b'")
    let moved = try store.transaction { () throws(StoreError) in
      try store.foldStraysInNoLane(at: 1)
      return try store.fold(at: 1, limit: 9)
    }
    #expect(moved.lanes == 0 && store.hasAsksToFoldAgain)
    try change("delete from ask; delete from sqlite_sequence")
    #expect(try Intake(queue: folder.queue).add([.preview("c", for: .everyone)]) == [3])
    #expect(throws: QueueError.self) {
      try Intake(queue: folder.queue).add([.preview("{c}", for: .everyone)])
    }
  }
}
