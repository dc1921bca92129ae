import Chance
import Foundation
import Planning
import Testing

@testable import Larkspur

/// The views as a person reads them with `sqlite3`.
struct ViewTests {
  let folder: TemporaryFolder
  let store: WorkerStore
  let channel: Channel
  /// The views read the wall clock, so the queue runs on it.
  let now = Moment(Int(Date().timeIntervalSince1970 * 1_000))

  init() throws {
    folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let wall = now.ms
    channel = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: wall, sinceBoot_ms: 0, boot: "b"), charged: [])
      return Channel(account: try store.account("default"), kind: .preview)
    }
    self.store = store
  }

  func ask(_ token: String, _ audience: Ask.Audience) throws {
    _ = try Intake(queue: folder.queue).add([.preview(token, for: audience)])
  }

  func fold() throws {
    _ = try store.transaction { () throws(StoreError) in try store.fold(at: now, limit: 100) }
  }

  func claim() throws -> ClaimedCall? {
    var settled = Settled()
    return try store.transaction { () throws(StoreError) in
      try store.claim(
        channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: .max,
        timeout: 10_000, &settled)
    }
  }

  func rows(_ sql: String) throws -> [[Cell]] { try Inspector(queue: folder.queue).rows(sql).rows }

  @Test func `the queue shows an ask before any worker has seen it`() throws {
    try ask("a", .people(["ou_1", "ou_2"]))
    try ask("b", .everyone)
    #expect(
      try rows("select lane, state, audience, asks, next from queue order by lane") == [
        [.text("a"), .text("new"), .text("2 people"), .int(1), .text("now")],
        [.text("b"), .text("new"), .text("everyone"), .int(1), .text("now")],
      ])
  }

  @Test func `an ask that may not go yet is delayed, before any worker has seen it and after`()
    throws
  {
    _ = try Intake(queue: folder.queue).add([
      .preview("a", for: .everyone, after: .seconds(3_600))
    ])
    #expect(try rows("select lane, state from queue") == [[.text("a"), .text("delayed")]])
    #expect(try rows("select lane from ready") == [])
    try fold()
    #expect(try rows("select lane, state from queue") == [[.text("a"), .text("delayed")]])
  }

  /// Asks as another program inserts them, with an explicit time.
  private func insert(_ lane: String, asked: Int, after: Int = 0, expiresIn: Int? = nil) throws {
    let ends = expiresIn.map(String.init) ?? "null"
    try Intake(queue: folder.queue).db.run(
      script: """
        insert into ask (lane, body, asked_ms, after_ms, expires_in_ms)
          values ('\(lane)', '{"everyone":true}', \(asked), \(after), \(ends))
        """)
  }

  private func states() throws -> [[Cell]] {
    try rows("select lane, state, asks, next = 'now' from queue order by lane, state")
  }

  @Test func `asks of one lane are each in the state of their own time`() throws {
    for _ in 0..<2 { try ask("a", .everyone) }
    try insert("a", asked: now.ms, after: 3_600_000)
    try insert("a", asked: now.ms - 60_000, expiresIn: 1_000)
    #expect(
      try states() == [
        [.text("a"), .text("delayed"), .int(1), .int(0)],
        [.text("a"), .text("expired"), .int(1), .int(0)],
        [.text("a"), .text("new"), .int(2), .int(1)],
      ])
    #expect(try rows("select lane, asks from ready") == [[.text("a"), .int(2)]])
  }

  @Test func `an ask whose time has come is new, before any worker has seen it and after`() throws {
    try insert("a", asked: now.ms - 60_000, after: 50_000)
    #expect(try states() == [[.text("a"), .text("new"), .int(1), .int(1)]])
    try insert("b", asked: now.ms - 60_000, after: 50_000)
    try store.db.run(
      script: "update ask set due_ms = \((now - 10_000).ms) where lane = 'b'")
    #expect(
      try states() == [
        [.text("a"), .text("new"), .int(1), .int(1)], [.text("b"), .text("new"), .int(1), .int(1)],
      ])
  }

  @Test func `a dead ask that is retried is new`() throws {
    try ask("a", .everyone)
    try fold()
    let flight = try #require(try claim())
    _ = try store.transaction { () throws(StoreError) in
      try store.settle(
        flight, Settlement(slot: now + 5_000, fates: [.dead()]),
        CallRecord(outcome: "refused"), reason: "230001", at: now)
    }
    #expect(try Inspector(queue: folder.queue).retry(.all(account: nil)) == 1)
    #expect(try states() == [[.text("a"), .text("new"), .int(1), .int(1)]])
  }

  @Test func `an ask from the future, by a clock that was wrong, is not delayed`() throws {
    try insert("a", asked: now.ms + 3_600_000)
    #expect(try states() == [[.text("a"), .text("new"), .int(1), .int(1)]])
  }

  @Test func `a row with a broken body does not hide the others`() throws {
    try ask("a", .everyone)
    try ask("b", .everyone)
    for trigger in try rows("select name from sqlite_schema where type = 'trigger'") {
      if case .text(let name) = trigger[0] { try store.db.run(script: "drop trigger \(name)") }
    }
    try store.db.run(script: "update ask set body = '{' where lane = 'a'")
    #expect(
      try rows("select lane, audience from queue order by lane") == [
        [.text("a"), .text("")], [.text("b"), .text("everyone")],
      ])
  }

  @Test func `and the lane it has become`() throws {
    try ask("a", .people(["ou_1"]))
    try ask("a", .people(["ou_1"]))
    try fold()
    #expect(
      try rows("select account, kind, lane, state, audience, asks, attempts, last_error from queue")
        == [
          [
            .text("default"), .text("preview"), .text("a"), .text("ready"), .text("1 person"),
            .int(2), .int(0), .text(""),
          ]
        ])
    #expect(try rows("select lane from ready") == [[.text("a")]])
  }

  @Test func `a lane in a call is in flight`() throws {
    try ask("a", .everyone)
    try fold()
    #expect(try claim() != nil)
    #expect(
      try rows("select lane, state, next from queue")
        == [[.text("a"), .text("in flight"), .text("answer awaited")]])
    #expect(try rows("select lane, account from in_flight") == [[.text("a"), .text("default")]])
    #expect(
      try rows("select lanes, audience, outcome, carried from recent_calls")
        == [[.int(1), .text("everyone"), .text("in flight"), .text("a")]])
  }

  @Test func `a dead lane says why`() throws {
    try ask("a", .everyone)
    try fold()
    let flight = try #require(try claim())
    _ = try store.transaction { () throws(StoreError) in
      try store.settle(
        flight, Settlement(slot: now + 5_000, fates: [.dead()]),
        CallRecord(outcome: "refused"),
        reason: "230001 param is invalid", at: now)
    }
    #expect(
      try rows("select lane, asks, reason from dead")
        == [[.text("a"), .int(1), .text("230001 param is invalid")]])
    #expect(try rows("select value from stats where figure = 'lanes dead'") == [[.int(1)]])
    #expect(try rows("select * from queue") == [])
  }

  @Test func `a parked account and a paused API show in the queue and the budgets`() throws {
    try ask("a", .everyone)
    try fold()
    try store.transaction { () throws(StoreError) in
      var record = ChannelRecord()
      record.pausedUntil = Moment(.max / 4)
      record.pausedWhy = "99991400 too many"
      try store.put(record, channel.account, .preview)
    }
    #expect(
      try rows("select state, last_error from queue")
        == [[.text("paused"), .text("99991400 too many")]])
    try store.transaction { () throws(StoreError) in
      try store.park(
        channel.account, Parked(trouble: .credentials, why: "10014 wrong secret", probe: now),
        at: now)
    }
    #expect(
      try rows("select state, next, last_error from queue")
        == [
          [.text("parked"), .text("after: larkspur resume default"), .text("10014 wrong secret")]
        ])
    #expect(
      try rows("select account, api, state, why from budgets")
        == [
          [
            .text("default"), .text("preview"), .text("parked: credentials"),
            .text("10014 wrong secret"),
          ]
        ])
  }

  @Test func `a month that the clock has come back to shows all its calls`() throws {
    var beijing = Calendar(identifier: .gregorian)
    beijing.timeZone = try #require(TimeZone(secondsFromGMT: 28_800))
    let today = beijing.dateComponents([.year, .month], from: Date())
    let month = (try #require(today.year) - 1970) * 12 + (try #require(today.month)) - 1
    let ends = now + 1_000_000
    try store.transaction { () throws(StoreError) in
      var record = ChannelRecord()
      record.months = MonthlyCalls(shown: .init(number: month, calls: 3, ends: ends))
      record.months.turn(to: month + 1, ends: ends, at: now)
      for _ in 0..<2 { record.months.count(ends: ends, at: now) }
      try store.put(record, channel.account, .preview)
      record = try store.budget(channel.account, .preview)
      record.months.turn(to: month, ends: ends, at: now)
      try store.put(record, channel.account, .preview)
      let kept = try store.budget(channel.account, .preview)
      #expect(kept == record)
    }
    #expect(try rows("select this_month from budgets") == [[.int(5)]])
  }

  @Test func `the schema refuses a lane in two states`() throws {
    try ask("a", .everyone)
    try fold()
    for sql in [
      "update lane set state = 'in_flight'", "update lane set call_id = 1",
      "update lane set state = 'idle'", "update lane set follow_id = audience_id",
      "update lane set state = 'sent'", "update ask set outcome = 'dead'",
      "update ask set outcome = 'dead', ended_ms = 1",
    ] {
      #expect(store.db.refusal(of: sql)?.contains("CHECK") == true, "\(sql)")
    }
  }

  @Test func `a card folded before the previews in front of it is counted as folded`()
    throws
  {
    for token in ["a", "b", "c"] { try ask(token, .everyone) }
    let actions = #"[{"action":"delete_elements","params":{"element_ids":["x"]}}]"#
    _ = try Intake(queue: folder.queue).add([.card("7355439197428236291", actions: actions)])
    _ = try store.transaction { () throws(StoreError) in try store.fold(at: now, limit: 1) }
    #expect(
      try rows("select value from stats where figure = 'asks not folded yet'") == [[.int(2)]])
  }

  @Test func `a dead lane names the newest of its dead asks`() throws {
    try ask("a", .people(["ou_1"]))
    try ask("a", .people(["ou_2"]))
    try fold()
    try store.db.execute("update ask set outcome = 'dead', reason = 'no', ended_ms = 1")
    #expect(try rows("select asks, last_ask from dead") == [[.int(2), .int(2)]])
  }

  @Test func `asks that died in no lane are counted by the lane that they name`() throws {
    for token in ["a", "b", "a"] { try ask(token, .everyone) }
    try store.db.execute("update ask set outcome = 'dead', reason = 'no', ended_ms = 1")
    #expect(
      try rows("select lane, asks, last_ask from dead order by lane")
        == [[.text("a"), .int(2), .int(3)], [.text("b"), .int(1), .int(2)]])
  }
}
