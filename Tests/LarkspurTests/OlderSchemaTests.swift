import Foundation
import Planning
import Testing

@testable import Larkspur

/// Queues with the schemas of all older versions, opened by this program: their history is counted.
struct OlderSchemaTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Five asks: two delivered, one dead, one expired and one open. Two calls, one without an answer.
  private static let history = """
    insert into account (id, name) values (7, 'shop');
    insert into ask (account, lane, body, asked_ms)
      select 'shop', 't' || value, '{"everyone":true}', 1000 from json_each('[1,2,3,4,5]');
    insert into call (id, account_id, api, lanes, started_ms, ended_ms, outcome)
      values (1, 7, 'preview', '[1,2]', 2000, 3000, 'delivered');
    insert into call (id, account_id, api, lanes, started_ms)
      values (2, 7, 'preview', '[3]', 4000);
    update ask set outcome = 'delivered', ended_ms = 3000, call_id = 1 where id in (1, 2);
    update ask set outcome = 'dead', ended_ms = 3000, reason = 'no' where id = 3;
    update ask set outcome = 'expired', ended_ms = 9000 where id = 4;
    """

  private func makeQueue(version: Int) throws {
    try Data().write(to: URL(filePath: folder.queue))
    let old = try Connection(path: folder.queue, mode: .readWrite)
    try old.execute("pragma journal_mode = wal")
    for step in 1...version { try old.run(script: "begin;" + Migrator.script(step) + ";commit") }
    try old.run(script: "pragma user_version = \(version)")
    try old.run(script: "pragma application_id = \(QueueFile.applicationID)")
    try old.run(script: Self.history)
  }

  @Test(arguments: 1..<Migrator.newest)
  func `what it holds is counted as if it had been counted all the time`(version: Int) throws {
    try makeQueue(version: version)
    let store = try WorkerStore(queue: folder.queue)
    try store.transaction { () throws(StoreError) in
      let isDone = try store.addToTotals(endedBefore: 10_000, rows: 100)
      #expect(isDone)
    }
    let figures = try store.figures(at: .zero)
    let owner = QueueFigures.Owner(account: "shop", api: "preview")
    #expect(figures.asks == [owner: ["delivered": 2, "dead": 1, "expired": 1]])
    #expect(figures.calls == [owner: ["delivered": 1]])
    #expect(figures.refreshes == 2)
    #expect(figures.staleness.count == 2 && figures.staleness.sum == 4_000)
  }

  @Test(arguments: 1..<Migrator.newest)
  func `its views have all columns, and its file is sound`(version: Int) throws {
    try makeQueue(version: version)
    _ = try Intake(queue: folder.queue)
    let inspector = try Inspector(queue: folder.queue)
    #expect(try inspector.rows("pragma integrity_check").rows == [[.text("ok")]])
    #expect(try inspector.rows("pragma foreign_key_check").rows.isEmpty)
    for view in ["queue", "budgets", "latency", "stats", "spans", "previews", "keys"] {
      _ = try inspector.rows("select * from \(view)")
    }
    let latency = try inspector.rows("select account, kind, asks, median from latency").rows
    #expect(latency == [[.text("shop"), .text("preview"), .int(2), .real(2)]])
  }
}
