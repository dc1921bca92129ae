import Foundation
import Planning
import Testing

@testable import Larkspur

/// A queue made before cards and sessions existed, opened by this program.
struct MigrationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Makes a queue as the program with schema 1 did.
  private func makeOld(_ rows: String) throws {
    try Data().write(to: URL(filePath: folder.queue))
    let old = try Connection(path: folder.queue, mode: .readWrite)
    try old.execute("pragma journal_mode = wal")
    try old.run(script: "begin;" + String(decoding: Migrator.steps[0], as: UTF8.self))
    try old.run(script: "pragma user_version = 1")
    try old.run(script: "pragma application_id = \(QueueFile.applicationID); commit")
    try old.run(script: rows)
  }

  private func rows(_ sql: String) throws -> [[Cell]] {
    let rows = try Inspector(queue: folder.queue).rows(sql).rows
    return rows
  }

  /// A lane and an ask in every state, with the newest of both deleted.
  private static let everyState = """
    insert into account (name) values ('shop');
    insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
    insert into audience (id, account_id, hash, size, members, used_ms)
      values (2, 2, 7, 2, '["ou_1","ou_2"]', 0);
    insert into call (id, account_id, api, lanes, audience_id, started_ms, ended_ms, outcome)
      values (1, 1, 'preview', '[1,3]', 1, 5, 6, 'delivered');
    insert into call (id, account_id, api, lanes, audience_id, started_ms)
      values (2, 2, 'preview', '[2]', 2, 7);
    insert into lane (id, account_id, kind, name, state, audience_id, since_ms, ready_ms, slot_ms,
        expires_ms, round, attempts, error, group_id, people_max, strikes, proven)
      values (1, 1, 'preview', 'a', 'waiting', 1, 1, 2, 3, 4, 5, 6, 'e', 1, 9, 7, 1);
    insert into lane (id, account_id, kind, name, state, audience_id, wide, follow_id, since_ms,
        ready_ms, slot_ms, round, call_id)
      values (2, 2, 'preview', 'b', 'in_flight', 2, 1, 2, 1, 2, 3, 1, 2);
    insert into lane (id, account_id, kind, name, state, slot_ms, round)
      values (3, 1, 'preview', 'c', 'idle', 3, 8);
    insert into lane (id, account_id, kind, name, state) values (9, 1, 'preview', 'z', 'idle');
    delete from lane where id = 9;
    insert into ask (lane, body) select value, '{"everyone":true}' from json_each(
      '["a","b","c","c","c","c","d","e","z"]');
    insert into ask (account, lane, body) values ('shop', 'f', '{"open_ids":["ou_1"]}');
    update ask set lane_id = 1, audience_id = 1, round = 6 where id = 1;
    update ask set lane_id = 2, audience_id = 2, round = 1 where id = 2;
    update ask set lane_id = 3, outcome = 'delivered', ended_ms = 6, call_id = 1 where id = 3;
    update ask set lane_id = 3, outcome = 'dead', reason = 'no', ended_ms = 6 where id = 4;
    update ask set lane_id = 3, outcome = 'expired', ended_ms = 6 where id = 5;
    update ask set lane_id = 3, outcome = 'cancelled', ended_ms = 6 where id = 6;
    update ask set due_ms = 99999999999999 where id = 7;
    delete from ask where id >= 9;
    update worker set folded_ask = 7;
    insert into refused_person values (1, 'ou_9', 'no', 5);
    insert into budget (account_id, api, month, month_calls) values (1, 'preview', 1, 2);
    """

  private static let all = """
    select id, account_id, kind, name, state, audience_id, wide, follow_id, since_ms, ready_ms,
      slot_ms, expires_ms, round, attempts, error, call_id, group_id, people_max, strikes, proven
    from lane order by id
    """

  /// The same columns by their current names.
  private static let allNow = all.replacing("wide", with: "many_calls")
    .replacing("round", with: "calls")

  private static let budgets = """
    select account_id, api, paused_ms, paused_why, month, month_calls from budget
    """

  @Test func `what it holds stays as it is`() throws {
    try makeOld(Self.everyState)
    let tables = [
      "(select id, name, parked, parked_why, probe_ms, refusals from account)", "ask", "audience",
      "call", "refused_person", "worker",
    ]
    var before: [[[Cell]]] = []
    do {
      let old = try Connection(path: folder.queue, mode: .readWrite)
      before = try tables.map { try old.rows("select * from \($0)") }
      before += [try old.rows(Self.budgets), try old.rows(Self.all)]
    }
    _ = try Intake(queue: folder.queue)
    #expect(try rows("pragma user_version") == [[.int(Migrator.newest)]])
    let now = try Connection(path: folder.queue, mode: .readWrite)
    for (table, old) in zip(tables, before) {
      // New columns come last.
      let rows = try now.rows("select * from \(table)")
      #expect(zip(rows, old).map { Array($0.prefix($1.count)) } == old)
    }
    #expect(try now.rows(Self.budgets) == before[tables.count])
    #expect(try now.rows(Self.allNow) == before.last)
    #expect(before.last?.count == 3)
  }

  @Test func `nothing in it refers to what is not there`() throws {
    try makeOld(Self.everyState)
    _ = try Intake(queue: folder.queue)
    #expect(try rows("pragma integrity_check") == [[.text("ok")]])
    #expect(try rows("pragma foreign_key_check") == [])
    #expect(try rows("select name from sqlite_schema where instr(sql, 'new_lane')") == [])
  }

  @Test func `the calls of its month still count`() throws {
    try makeOld(Self.everyState)
    let store = try WorkerStore(queue: folder.queue)
    let months = try store.transaction { () throws(StoreError) in
      try store.budget(1, .preview).months
    }
    #expect(months == .init(shown: .init(number: 1, calls: 2, ends: 0)))
  }

  @Test func `the table of kinds has the kinds of the program`() throws {
    _ = try Intake(queue: folder.queue)
    let names = Aim.allCases.map(\.rawValue).sorted().map { [Cell.text($0)] }
    #expect(try rows("select name from kind order by name") == names)
  }

  @Test func `every view answers`() throws {
    try makeOld(Self.everyState)
    let views = try rows("select name from sqlite_schema where type = 'view'").map { $0[0] }
    for name in ["queue", "ready", "in_flight", "dead", "idle", "recent_calls", "budgets", "stats"]
    {
      #expect(views.contains(.text(name)))
    }
    for case .text(let view) in views { _ = try rows("select * from \(view)") }
    #expect(
      try rows("select lane, state, audience, result from queue order by lane") == [
        [.text("a"), .text("ready"), .text("everyone"), .null],
        [.text("b"), .text("in flight"), .text("2 people"), .null],
        [.text("d"), .text("delayed"), .text("everyone"), .null],
        [.text("e"), .text("new"), .text("everyone"), .null],
      ])
    #expect(try rows("select lane, reason from dead") == [[.text("c"), .text("no")]])
    #expect(
      try rows("select kind, lane, calls, result from idle") == [
        [.text("preview"), .text("c"), .int(8), .null]
      ])
  }

  @Test(arguments: [everyState, everyState + "; update ask set lane_id = null; delete from lane"])
  func `ids that were used are never used again`(rows: String) throws {
    try makeOld(rows)
    let intake = try Intake(queue: folder.queue)
    #expect(try intake.add([.preview("a", for: .everyone)]) == [11])
    try intake.db.run(
      script: """
        insert into lane (account_id, kind, name, state) values (1, 'card', 'a', 'idle')
        """)
    #expect(intake.db.lastInsertID == 10)
  }

  @Test func `an empty one begins at the beginning`() throws {
    try makeOld("")
    let intake = try Intake(queue: folder.queue)
    try intake.db.run(
      script: "insert into lane (account_id, kind, name, state) values (1, 'card', 'a', 'idle')")
    #expect(intake.db.lastInsertID == 1)
  }

  @Test func `asks of all kinds are taken from then on`() throws {
    try makeOld(Self.everyState)
    let intake = try Intake(queue: folder.queue)
    let asks = [
      Ask.card("1", actions: "[\(CardIntakeTests.plain)]"), .session("session_1", metadata: ""),
      .preview("a", for: .everyone),
    ]
    #expect(try intake.add(asks) == [11, 12, 13])
  }
}

extension Connection {
  fileprivate borrowing func rows(_ sql: String) throws -> [[Cell]] {
    let statement = try prepare(sql)
    var rows: [[Cell]] = []
    while try statement.step() {
      rows.append((0..<statement.columnCount()).map { Cell(statement, $0) })
    }
    return rows
  }
}
