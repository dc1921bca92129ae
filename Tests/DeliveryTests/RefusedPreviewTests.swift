import Delivery
import Larkspur
import Planning
import Testing

/// A preview whose token Feishu refuses is forgotten, so that the next ask by key does not try it
/// again.
struct RefusedPreviewTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func saw(_ token: String, _ keys: String..., by person: String? = nil) {
    for key in keys {
      bench.sql(
        """
        insert into sighting (token, key, url, open_id)
        values ('\(token)', '\(key)', 'https://a.example/\(token)', nullif('\(person ?? "")', ''))
        """)
    }
  }

  private func ask(_ key: String, _ body: String = #"{"everyone":true}"#) {
    bench.ask(kind: "key", key, body)
  }

  private func known(_ table: String = "previews") throws -> [String] {
    try bench.intake.db.all(
      "select token from previews where ?1 = 'previews' union all select key from keys where ?1 = 'keys' order by 1",
      .text(table)
    ) { $0.text(0) }
  }

  private func refused() throws -> Int {
    try bench.number("select value from stats where figure = 'previews refused'")
  }

  private func calls(of token: String) -> Int {
    bench.feishu.arrivals.count { $0.tokens.contains(token) }
  }

  @Test func `one that is refused alone leaves with its keys, and is not tried again`() throws {
    bench.feishu.badTokens = ["w2"]
    for number in 0..<5 { saw("w\(number)", "ticket-1", by: "ou_1") }
    saw("w2", "only")
    ask("ticket-1")
    try bench.run()
    #expect(try known() == ["w0", "w1", "w3", "w4"])
    #expect(try known("keys") == ["ticket-1"])
    #expect(try refused() == 1)
    #expect(try bench.number("select count(*) from viewer") == 4)
    let tries = calls(of: "w2")
    ask("ticket-1")
    try bench.run()
    #expect(calls(of: "w2") == tries && calls(of: "w0") > 1)
    #expect(
      try bench.number("select count(*) from ask where kind = 'key' and outcome = 'delivered'")
        == 1)
  }

  @Test func `the only preview of a key leaves too`() throws {
    bench.feishu.badTokens = ["w1"]
    saw("w1", "ticket-1")
    ask("ticket-1")
    try bench.run()
    #expect(try known().isEmpty && known("keys").isEmpty)
    ask("ticket-1")
    try bench.run()
    #expect(calls(of: "w1") == 1)
  }

  @Test func `one that is asked for by its token leaves as well`() throws {
    bench.feishu.badTokens = ["w1"]
    saw("w1", "ticket-1")
    bench.ask("w1")
    try bench.run()
    #expect(try known().isEmpty && refused() == 1)
  }

  @Test func `one that is seen again afterwards is known again`() throws {
    bench.feishu.badTokens = ["w1"]
    saw("w1", "ticket-1", by: "ou_1")
    ask("ticket-1")
    try bench.run()
    bench.feishu.badTokens = []
    saw("w1", "ticket-1", by: "ou_1")
    #expect(try known() == ["w1"] && known("keys") == ["ticket-1"])
    ask("ticket-1")
    try bench.run()
    #expect(bench.feishu.arrivals.last?.wasApplied == true)
  }

  @Test func `one with very many viewers leaves at once, and the rest of them with the daily pass`()
    throws
  {
    bench.feishu.badTokens = ["w1"]
    saw("w1", "ticket-1")
    bench.sql(
      """
      with recursive numbers (value) as (
        select 1 union all select value + 1 from numbers where value < 3000)
      insert into viewer (token_id, open_id, seen_day)
      select (select id from known_token), 'ou_' || value, 20000 from numbers
      """)
    ask("ticket-1")
    try bench.run()
    #expect(try known("keys").isEmpty)
    #expect(try bench.number("select count(*) from tag") == 0)
    bench.ask(kind: "url", "https://a.example/w1", #"{"everyone":true}"#)
    try bench.run()
    #expect(calls(of: "w1") == 1)
    #expect(try bench.number("select count(*) from viewer") < 3_000)
  }

  @Test func `a person who is refused takes no preview along`() throws {
    bench.feishu.badPeople = ["ou_bad"]
    saw("w1", "ticket-1", by: "ou_bad")
    saw("w2", "ticket-1", by: "ou_good")
    ask("ticket-1", #"{"viewers":true}"#)
    try bench.run()
    #expect(try known() == ["w1", "w2"] && refused() == 0)
  }

  @Test func `an outage in which everything is refused costs at most one preview`() throws {
    for number in 0..<40 { saw("w\(number)", "ticket-\(number)") }
    bench.feishu.fault = { _, at in
      at < 1_000_000 + .hours(3)
        ? SimulatedFeishu.Fault.answer(400, #"{"code":230001,"msg":"param is invalid"}"#) : nil
    }
    for number in 0..<40 { ask("ticket-\(number)") }
    try bench.run(.stay, for: .hours(4))
    #expect(try known().count >= 39)
    #expect(try bench.number("select count(*) from ask where outcome = 'dead'") <= 5)
  }

  @Test func `neither an undocumented outage nor a parked account costs one`() throws {
    let answers = [
      #"{"code":424242,"msg":"?"}"#, #"{"code":2200,"msg":"internal error"}"#,
      #"{"code":99991672,"msg":"no permission"}"#, #"{"code":99991403,"msg":"quota"}"#,
    ]
    for answer in answers {
      let bench = try Bench()
      bench.sql("insert into sighting (token, key) values ('w1', 'k'), ('w2', 'k'), ('w3', 'l')")
      bench.feishu.fault = { _, _ in .answer(400, answer) }
      bench.ask(kind: "key", "k", #"{"everyone":true}"#)
      bench.ask(kind: "key", "l", #"{"everyone":true}"#)
      try bench.run(.stay, for: .hours(2))
      #expect(try bench.number("select count(*) from previews") == 3, "\(answer)")
    }
  }
}
