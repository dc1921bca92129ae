import Delivery
import Larkspur
import Planning
import Testing

/// Asks by key or URL: every preview that was seen is refreshed, and the ask ends with the last.
struct KeyTests {
  private func saw(
    _ bench: Bench, _ token: String, _ key: String, by person: String? = nil, url: String? = nil
  ) {
    let quoted = { (word: String?) in word.map { "'\($0)'" } ?? "null" }
    bench.sql(
      """
      insert into sighting (token, key, url, open_id)
      values ('\(token)', '\(key)', \(quoted(url)), \(quoted(person)))
      """)
  }

  private func ask(
    _ bench: Bench, _ key: String, _ body: String = #"{"everyone":true}"#, kind: String = "key"
  ) {
    bench.sql(
      """
      insert into ask (kind, lane, body, asked_ms)
      values ('\(kind)', '\(key)', '\(body)', \(bench.world.now + bench.world.wallOffset))
      """)
  }

  private func outcomes(_ bench: Bench) throws -> [String] {
    try bench.intake.db.all(
      "select kind || ' ' || lane || ' ' || ifnull(outcome, 'open') || ' ' || ifnull(reason, '') from ask order by id"
    ) { $0.text(0) }
  }

  @Test func `every preview that was seen with the key is refreshed once`() throws {
    let bench = try Bench()
    for number in 0..<25 { saw(bench, "w\(number)", "ticket-1") }
    saw(bench, "other", "ticket-2")
    ask(bench, "ticket-1")
    try bench.run()
    let tokens = bench.feishu.arrivals.flatMap(\.tokens)
    #expect(tokens.count == 25 && Set(tokens) == Set((0..<25).map { "w\($0)" }))
    #expect(try outcomes(bench) == ["key ticket-1 delivered "])
    #expect(bench.feishu.arrivals.count == 3)
  }

  @Test func `the newest previews go first`() throws {
    let bench = try Bench()
    for number in 0..<30 { saw(bench, "w\(number)", "ticket-1") }
    ask(bench, "ticket-1")
    try bench.run()
    let first = try #require(bench.feishu.arrivals.first)
    #expect(Set(first.tokens) == Set((20..<30).map { "w\($0)" }))
  }

  @Test func `a key that nobody has seen ends as delivered, and says so`() throws {
    let bench = try Bench()
    ask(bench, "ticket-9")
    try bench.run()
    #expect(bench.feishu.arrivals.isEmpty)
    #expect(try outcomes(bench) == ["key ticket-9 delivered no preview was seen with this key"])
  }

  @Test func `asks of the same key that wait together make one refresh`() throws {
    let bench = try Bench()
    for number in 0..<5 { saw(bench, "w\(number)", "ticket-1") }
    for _ in 0..<4 { ask(bench, "ticket-1") }
    try bench.run()
    #expect(bench.feishu.arrivals.map(\.tokens.count) == [5])
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 4)
  }

  @Test func `an ask that comes while the refresh is under way makes another one`() throws {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1")
    ask(bench, "ticket-1")
    bench.feishu.latency_ms = 500
    bench.world.after(750) { ask(bench, "ticket-1") }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.arrivals.count == 2)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 2)
    #expect(try bench.number("select count(*) from ask") == 2)
  }

  @Test func `viewers are those who were seen; a preview without any is refreshed for everyone`()
    throws
  {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1", by: "ou_a")
    saw(bench, "w1", "ticket-1", by: "ou_b")
    saw(bench, "w2", "ticket-1")
    ask(bench, "ticket-1", #"{"viewers":true}"#)
    try bench.run()
    let calls = Dictionary(
      bench.feishu.arrivals.map { ($0.tokens, $0.people) }, uniquingKeysWith: { first, _ in first })
    #expect(calls[["w1"]] == ["ou_a", "ou_b"])
    #expect(calls[["w2"]] == .some(nil))
  }

  @Test func `an ask by URL is for the previews of exactly this URL`() throws {
    let bench = try Bench()
    saw(bench, "w1", "k", url: "https://a.example/1")
    saw(bench, "w2", "k", url: "https://a.example/1?x")
    ask(bench, "https://a.example/1", kind: "url")
    try bench.run()
    #expect(bench.feishu.arrivals.map(\.tokens) == [["w1"]])
  }

  @Test func `a preview that is refused makes the ask dead, and names it`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["w2"]
    for number in 0..<5 { saw(bench, "w\(number)", "ticket-1") }
    ask(bench, "ticket-1")
    try bench.run()
    let parts = Set(bench.feishu.arrivals.filter(\.wasApplied).flatMap(\.tokens))
    #expect(parts == ["w0", "w1", "w3", "w4"])
    let ended = try outcomes(bench).filter { $0.hasPrefix("key") }
    #expect(ended.count == 1)
    #expect(ended[0].hasPrefix("key ticket-1 dead not refreshed: w2; "), "\(ended)")
  }

  @Test func `an ask that expires takes its previews with it`() throws {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1")
    bench.withholdTokens(for: 60_000)
    bench.sql(
      """
      insert into ask (kind, lane, body, expires_in_ms, asked_ms)
      values ('key', 'ticket-1', '{"everyone":true}', 10000, \(bench.world.now + bench.world.wallOffset))
      """)
    try bench.run(.stay, for: 100_000)
    #expect(bench.feishu.arrivals.isEmpty)
    #expect(try bench.number("select count(*) from ask where outcome = 'expired'") == 1)
    #expect(try bench.number("select count(*) from ask") == 1)
    #expect(try bench.number("select count(*) from lane where state <> 'idle'") == 0)
  }

  @Test func `an ask that is deleted takes its previews with it`() throws {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1")
    bench.withholdTokens(for: 60_000)
    ask(bench, "ticket-1")
    bench.world.after(5_000) { bench.sql("delete from ask where kind = 'key'") }
    try bench.run(.stay, for: 100_000)
    #expect(bench.feishu.arrivals.isEmpty)
    #expect(try bench.number("select count(*) from ask") == 0)
  }

  @Test func `a thousand previews are refreshed by one ask`() throws {
    let bench = try Bench()
    for number in 0..<1_000 { saw(bench, "w\(number)", "ticket-1") }
    ask(bench, "ticket-1")
    bench.ask("else", "ou_1")
    try bench.run()
    #expect(Set(bench.feishu.arrivals.flatMap(\.tokens)).count == 1_001)
    #expect(bench.feishu.arrivals.count == 101)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 2)
    #expect(try bench.number("select count(*) from ask") == 2)
  }

  @Test func `a part that is deleted by SQL makes the ask dead, and names it`() throws {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1")
    saw(bench, "w2", "ticket-1")
    bench.withholdTokens(for: 60_000)
    ask(bench, "ticket-1")
    bench.world.after(5_000) { bench.sql("delete from ask where lane = 'w2' and outcome is null") }
    try bench.run(.stay, for: 100_000)
    #expect(bench.feishu.arrivals.map(\.tokens) == [["w1"]])
    #expect(try outcomes(bench) == ["key ticket-1 dead not refreshed: w2; cancelled"])
  }

  @Test func `a key whose only part is deleted does not wait for ever`() throws {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1")
    bench.withholdTokens(for: 60_000)
    ask(bench, "ticket-1")
    bench.world.after(5_000) { bench.sql("delete from ask where lane = 'w1' and outcome is null") }
    try bench.run(.stay, for: 100_000)
    #expect(try outcomes(bench) == ["key ticket-1 dead not refreshed: w1; cancelled"])
    #expect(try bench.number("select count(*) from lane where state <> 'idle'") == 0)
  }

  @Test func `what is cancelled while a call is under way is not taken for refreshed`() throws {
    let bench = try Bench()
    saw(bench, "w1", "ticket-1")
    ask(bench, "ticket-1")
    bench.feishu.latency_ms = 500
    bench.world.after(750) { ask(bench, "ticket-1") }
    bench.world.after(900) {
      _ = try? Inspector(queue: bench.path).cancel(lane: "w1", account: nil)
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(
      try outcomes(bench)
        == ["key ticket-1 delivered ", "key ticket-1 dead not refreshed: w1; cancelled"])
  }

  @Test func `a user who is known to be refused ends the ask at once, and it is reported`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_bad"]
    bench.ask("other", "ou_bad")
    try bench.run()
    saw(bench, "w1", "ticket-1", by: "ou_bad")
    ask(bench, "ticket-1", #"{"viewers":true}"#)
    let result = try bench.run()
    #expect(try bench.number("select count(*) from ask where outcome is null") == 0)
    #expect(
      try bench.number("select count(*) from ask where kind = 'key' and outcome = 'dead'") == 1)
    #expect(result.asksDied > 0)
    #expect(
      bench.events.contains {
        if case .died(_, .previews(.key), _, _, _) = $0 { true } else { false }
      })
  }

  @Test func `two asks for the same refused preview name it once`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["w1"]
    saw(bench, "w1", "ticket-1", by: "ou_a")
    ask(bench, "ticket-1")
    ask(bench, "ticket-1", #"{"viewers":true}"#)
    try bench.run()
    #expect(try bench.number("select max(json_array_length(refused)) from ask") == 1)
    #expect(try outcomes(bench).allSatisfy { !$0.contains("more") })
  }

  @Test func `hundreds of asks for a key with many previews are folded as one`() throws {
    let bench = try Bench()
    for number in 0..<600 { saw(bench, "w\(number)", "ticket-1") }
    for _ in 0..<300 { ask(bench, "ticket-1") }
    try bench.run()
    #expect(bench.feishu.arrivals.count == 60)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 300)
    #expect(try bench.number("select count(*) from ask") == 300)
  }

  @Test(arguments: [
    "update ask set expires_in_ms = 500 where id = 2",
    "delete from ask where lane = 'ticket-1' and body like '%everyone%'",
  ])
  func `once nobody asks for everyone any more, only the viewers of another ask pull`(
    change: String
  ) throws {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    saw(bench, "w1", "ticket-1", by: "ou_1")
    saw(bench, "w2", "ticket-1")
    ask(bench, "ticket-1", #"{"viewers":true}"#)
    ask(bench, "ticket-1")
    if change.hasPrefix("update") {
      bench.tamper(change)
    } else {
      bench.world.after(500) { bench.sql(change) }
    }
    try bench.run()
    let calls = bench.feishu.arrivals
    // Nobody was seen with the second preview, so its viewers are everyone.
    #expect(calls.first { $0.tokens == ["w1"] }?.people == ["ou_1"], "\(calls)")
    #expect(calls.contains { $0.tokens == ["w2"] && $0.people == nil }, "\(calls)")
    #expect(try outcomes(bench)[0] == "key ticket-1 delivered ")
  }

  @Test func `an ask for the viewers does not wait for what only another asks for everyone`() throws
  {
    let bench = try Bench()
    bench.withholdTokens(for: 500)
    for number in 0..<80 { saw(bench, "w\(number)", "ticket-1", by: "ou_1") }
    ask(bench, "ticket-1")
    bench.world.after(100) {
      bench.sql(
        "delete from tag where token_id in (select id from known_token where name <> 'w79')")
      ask(bench, "ticket-1", #"{"viewers":true}"#)
    }
    try bench.run()
    let calls = bench.feishu.arrivals
    let first = try #require(calls.first { $0.tokens.contains("w79") })
    #expect(calls.count == 8 && calls[7].at - first.at > 900)
    let ended = try bench.intake.db.all(
      "select ended_ms - (select min(ended_ms) from ask) from ask order by id"
    ) { $0.int(0) }
    #expect(ended[0] > 900 && ended[1] == 0, "\(ended)")
  }
}
