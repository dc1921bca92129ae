import Delivery
import Larkspur
import Testing

/// Rows that were changed around the schema: each ends by itself, and affects the end of no other.
struct ChangedRowTests {
  /// Runs until nothing is left, an hour later if necessary, and returns what became of the changed
  /// ask.
  private func outcome(
    _ bench: Bench, of ask: Int, beside good: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> AskState? {
    try bench.run()
    for ask in good {
      #expect(try bench.state(ask) == .delivered, sourceLocation: sourceLocation)
    }
    #expect(bench.feishu.violations == [] && bench.feishu.cards.violations == [])
    return try bench.state(ask)
  }

  private func expectDead(
    _ state: AskState?, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .dead(let reason) = state else {
      Issue.record("it is not dead: \(String(describing: state))", sourceLocation: sourceLocation)
      return
    }
    #expect(
      reason.hasPrefix("the row was changed and is no longer valid: ") && reason.contains(words),
      "\(reason)", sourceLocation: sourceLocation)
  }

  static let unusable: [(String, String)] = [
    ("kind = 'foo'", "its kind is not"), ("kind = ''", "its kind is not"),
    ("account = ''", "its account is not"), ("account = 'a b'", "its account is not"),
    ("account = 'a' || char(0)", "its account is not"),
    ("account = cast(x'ff' as text)", "its account is not"),
    ("lane = ''", "its lane is not a preview token"),
    ("lane = 'a b'", "its lane is not a preview token"),
    ("lane = hex(zeroblob(129))", "its lane is not a preview token"),
    ("kind = 'session'", "its lane is not a session id"),
    ("kind = 'card', lane = '..'", "its lane is not a card_id"),
    ("kind = 'card'", "its body has no list of actions"),
    ("kind = 'session', lane = 'session_1'", "its body has an unknown key"),
    ("after_ms = 9223372036854775807", "its after_ms"), ("after_ms = -1", "its after_ms"),
    ("after_ms = -9223372036854775807 - 1", "its after_ms"),
    ("expires_in_ms = 9223372036854775807", "its expires_in_ms"),
    ("expires_in_ms = 0", "its expires_in_ms"),
    ("body = ''", "its body is not"), ("body = '{'", "its body is not"),
    ("body = 'null'", "its body is not"), ("body = '[]'", "its body is not"),
    ("body = '{}'", "its body is not"), (#"body = '{"everyone":false}'"#, "its body is not"),
    (#"body = '{"everyone":true' || char(0)"#, "its body is not"),
    (#"body = '{"open_ids":[]}'"#, "its open_ids are empty"),
    (#"body = '{"open_ids":{}}'"#, "its open_ids are not a list"),
    (#"body = '{"open_ids":"ou_1"}'"#, "its open_ids are not a list"),
    (#"body = '{"open_ids":[1]}'"#, "its open_ids are not a list"),
    (#"body = '{"open_ids":["ou_1",null]}'"#, "its open_ids are not a list"),
    (#"body = '{"open_ids":[""]}'"#, "its open_ids are not a list"),
    (#"body = '{"open_ids":["a b"]}'"#, "its open_ids are not a list"),
    (#"body = '{"open_ids":["ou_\u000a"]}'"#, "its open_ids are not a list"),
  ]

  @Test(arguments: unusable)
  func `what nothing can be made of dies with the reason`(change: String, words: String) throws {
    let bench = try Bench()
    let before = bench.ask("a", "ou_1")
    let ask = bench.ask("b", "ou_2")
    let after = bench.ask("c", "ou_3")
    bench.tamper("update ask set \(change) where id = \(ask)")
    expectDead(try outcome(bench, of: ask, beside: [before, after]), words)
    #expect(bench.feishu.arrivals.flatMap(\.tokens).sorted() == ["a", "c"])
    let shown = try Inspector(queue: bench.path).rows("select last_ask from dead").rows
    #expect(shown == [[.int(ask)]])
    #expect(bench.events.contains { if case .died = $0 { true } else { false } })
  }

  @Test(arguments: unusable)
  func `so does what is held back`(change: String, words: String) throws {
    let bench = try Bench()
    let ask = bench.ask("b", "ou_2", after: 5_000)
    var good = 0
    bench.world.after(1_000) {
      bench.tamper("update ask set \(change) where id = \(ask)")
      good = bench.ask("c", "ou_3")
    }
    try bench.run(.stay, for: 9_000)
    expectDead(try outcome(bench, of: ask, beside: [good]), words)
  }

  static let unpackable: [(String, String)] = [
    ("'{'", "no list of actions"), ("''", "no list of actions"), ("'[1]'", "no list of actions"),
    ("'{}'", "no list of actions"), (#"'{"actions":{}}'"#, "no list of actions"),
    (#"'{"actions":"x"}'"#, "no list of actions"), (#"'{"actions":[]}'"#, "no list of actions"),
    (#"'{"actions":[{}],"uuid":""}'"#, "its uuid"), (#"'{"actions":[{}],"uuid":7}'"#, "its uuid"),
    (#"'{"actions":[{}],"sequence":0}'"#, "its sequence"),
    (#"'{"actions":[{}],"sequence":"1"}'"#, "its sequence"),
    (#"'{"actions":[{}],"sequence":99999999999999999999}'"#, "its sequence"),
    (#"'{"actions":[{}],"more":1}'"#, "an unknown key"),
    (#"'{"actions":["' || hex(zeroblob(3000001)) || '"]}'"#, "longer than 1,000,000"),
  ]

  @Test(arguments: unpackable, [false, true])
  func `a card's batch that cannot be packed dies alone`(
    body: (text: String, words: String), isInLine: Bool
  ) throws {
    let bench = try Bench()
    var ask = 0
    var good = [bench.batch("c", "e1")]
    // While a call is in flight, the ask joins the lane before it is changed.
    if isInLine { bench.feishu.latency_ms = 2_000 }
    bench.world.after(isInLine ? 500 : 0) {
      ask = bench.batch("c", "e2")
      good.append(bench.batch("c", "e3"))
      if !isInLine { bench.tamper("update ask set body = \(body.text) where id = \(ask)") }
    }
    bench.world.after(1_000) {
      if isInLine { bench.tamper("update ask set body = \(body.text) where id = \(ask)") }
    }
    try bench.run(.stay, for: 9_000)
    expectDead(try outcome(bench, of: ask, beside: good), body.words)
    #expect(bench.feishu.cards.applied["c"] == ["e1", "e3"])
  }

  @Test(arguments: [
    ("'{'", "neither channel_context nor metadata"), ("'[]'", "neither channel_context"),
    (#"'{"meta":"x"}'"#, "an unknown key"), (#"'{"metadata":7}'"#, "not strings"),
    (#"'{"metadata":"' || hex(zeroblob(800)) || '"}'"#, "not strings"),
  ])
  func `a session's fields that cannot be written die alone`(body: String, words: String) throws {
    let bench = try Bench()
    let good = bench.write("session_1", #"{"metadata":"a"}"#)
    let ask = bench.write("session_1", #"{"channel_context":"b"}"#)
    bench.tamper("update ask set body = \(body) where id = \(ask)")
    expectDead(try outcome(bench, of: ask, beside: [good]), words)
    #expect(bench.feishu.cards.sessions["session_1"] == ["metadata": "a"])
  }

  /// The largest and the smallest numbers.
  @Test(
    arguments: [
      "asked_ms", "due_ms", "expires_ms", "first_call", "lane_id", "audience_id", "call_id",
    ],
    ["9223372036854775807", "-9223372036854775807 - 1", "0", "-1"])
  func `any number in any other column ends no run and loses nobody else`(
    column: String, number: String
  ) throws {
    for isFolded in [false, true] {
      let bench = try Bench()
      let change = "update ask set \(column) = \(number) where lane = 'b'"
      var good = [bench.ask("a", "ou_1"), bench.ask("late", "ou_1", after: 3_000)]
      let ask = bench.ask("b", "ou_2")
      // Without an access token everything waits in its lanes until the rows are changed.
      if isFolded {
        bench.withholdTokens(for: 4_000)
      } else {
        bench.tamper(change)
      }
      bench.world.after(500) {
        if isFolded { bench.tamper(change) }
        good.append(bench.ask("b", "ou_3"))
      }
      try bench.run(.stay, for: 10_000)
      try bench.intake.db.run(script: "update worker set pruned_ms = 0")
      let state = try outcome(bench, of: ask, beside: good)
      #expect(state != nil && state != .open, "\(isFolded)")
    }
  }

  @Test(arguments: [
    "lane_id = 99", "lane_id = (select id from lane where name = 'c')", "lane_id = null",
    "first_call = null", "first_call = 9", "audience_id = null", "audience_id = 99",
    "audience_id = (select audience_id from lane where name = 'c')",
    "due_ms = null, lane_id = null",
  ])
  func `an ask that no lane would end is delivered within the hour, to those whom it names`(
    change: String
  ) throws {
    let bench = try Bench()
    bench.withholdTokens(for: 2_000)
    let ask = bench.ask("b", "ou_2")
    let others = [bench.ask("c", "ou_3"), bench.ask("b", "ou_4")]
    bench.world.after(500) { bench.tamper("update ask set \(change) where id = \(ask)") }
    bench.world.after(4_000_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try outcome(bench, of: ask, beside: others) == .delivered)
    for arrival in bench.feishu.arrivals where arrival.tokens.contains("b") {
      #expect(Set(arrival.people ?? ["everyone"]).isSubset(of: ["ou_2", "ou_4"]))
    }
    for arrival in bench.feishu.arrivals where arrival.tokens.contains("c") {
      #expect(arrival.people == ["ou_3"])
    }
  }

  @Test(arguments: [
    #"replace into ask (id, lane, body) values (1, 'd', '{"open_ids":["ou_5"]}')"#,
    #"""
    insert into ask (id, lane, body) values (1, 'd', '{"open_ids":["ou_5"]}')
    on conflict (id) do update set lane = excluded.lane, body = excluded.body
    """#,
    #"""
    insert into ask (id, lane, body) values (1, 'd', '{"open_ids":["ou_5"]}')
    on conflict (id) do update set outcome = null, lane_id = null, due_ms = null, body = excluded.body
    """#,
  ])
  func `a row that was replaced ends, and stops nobody`(statement: String) throws {
    for isFolded in [false, true] {
      let bench = try Bench()
      bench.withholdTokens(for: 2_000)
      let ask = bench.ask("b", "ou_2")
      let others = [bench.ask("b", "ou_4"), bench.ask("c", "ou_3")]
      bench.world.after(isFolded ? 500 : 0) { bench.tamper(statement) }
      try bench.run(.stay, for: 10_000)
      try bench.intake.db.run(script: "update worker set pruned_ms = 0")
      #expect(try outcome(bench, of: ask, beside: others) == .delivered, "\(isFolded)")
      let strangers = bench.feishu.arrivals.flatMap { $0.people ?? [] }
        .filter { !["ou_2", "ou_3", "ou_4", "ou_5"].contains($0) }
      #expect(strangers.isEmpty)
    }
  }

  @Test func `an ask whose end was taken back is found at the start of a run`() throws {
    let bench = try Bench()
    let ask = bench.ask("a", "ou_1")
    try bench.run()
    bench.tamper("update ask set outcome = null, ended_ms = null")
    bench.world.now += 10_000
    #expect(try outcome(bench, of: ask, beside: []) == .delivered)
    #expect(bench.feishu.arrivals.count == 2)
  }

  @Test(arguments: [
    "outcome = null, ended_ms = null", "outcome = null, ended_ms = null, lane_id = null",
    "outcome = null, ended_ms = null, lane_id = 9999",
    "outcome = null, ended_ms = null, first_call = null",
  ])
  func `thousands of them are found, however many there are`(change: String) throws {
    let bench = try Bench()
    let asks = (0..<2_500).map { bench.ask("t\($0 / 50)", "ou_\($0 % 50)") }
    try bench.run()
    bench.tamper("update ask set \(change); update worker set pruned_ms = 0")
    bench.world.now += 10_000
    try bench.run()
    // Asks behind the first slice of a lane are found only in the next run.
    try bench.run()
    #expect(
      try bench.number("select count(*) from ask where outcome = 'delivered'") == asks.count)
    #expect(bench.feishu.violations == [])
  }

  @Test func `a batch that was moved to another card is applied to its own`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 2_000)
    let asks = [bench.batch("c", "e1"), bench.batch("d", "e2"), bench.batch("d", "e3")]
    bench.world.after(500) {
      bench.tamper("update ask set lane_id = (select id from lane where name = 'c') where id = 2")
    }
    try bench.run(.stay, for: 9_000)
    #expect(try outcome(bench, of: asks[1], beside: asks) == .delivered)
    #expect(bench.feishu.cards.applied["c"] == ["e1"])
    #expect(Set(bench.feishu.cards.applied["d"] ?? []) == ["e2", "e3"])
  }

  @Test(arguments: ["'[]'", "'{}'", "'5'", "'\"x\"'", "'[1]'", "'[\"ou_9\"]'", "'[\"ou_1\"]'"])
  func `a list of refused people that makes no sense is not believed`(refused: String) throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["a"]
    let ask = bench.ask("a", "ou_1", "ou_2")
    try bench.run()
    bench.feishu.badTokens = []
    bench.tamper("update ask set refused = \(refused)")
    _ = try Inspector(queue: bench.path).retry(.all(account: nil))
    #expect(try outcome(bench, of: ask, beside: []) == .delivered)
    #expect(bench.feishu.arrivals.flatMap { $0.people ?? [] }.allSatisfy { $0 != "ou_9" })
  }

  @Test func `a row that says somebody was refused, and not why, has a reason all the same`() throws
  {
    let bench = try Bench()
    bench.feishu.latency_ms = 2_000
    let ask = bench.ask("a", "ou_1")
    bench.world.after(3_000) { bench.tamper(#"update ask set refused = '["ou_1"]'"#) }
    try bench.run()
    guard case .dead(let reason)? = try bench.state(ask) else {
      Issue.record("the ask is not dead")
      return
    }
    #expect(reason.contains("see the column refused"))
  }
}
