import Delivery
import Larkspur
import Planning
import Testing

/// A key with many previews delays no other lane by more than its fair share: those who ask while it
/// is under way get at least half of the calls.
struct KeyShareTests {
  private func make(_ bench: Bench, _ key: String, previews: Int) {
    bench.sql(
      """
      with recursive number(n) as (select 1 union all select n + 1 from number where n < \(previews))
      insert into sighting (token, key) select '\(key)_' || n, '\(key)' from number
      """)
  }

  private func ask(_ bench: Bench, _ key: String, isUrgent: Bool = false) {
    bench.sql(
      """
      insert into ask (kind, lane, body, urgent, asked_ms)
      values ('key', '\(key)', '{"everyone":true}', \(isUrgent ? 1 : 0),
        \(bench.world.now + bench.world.wallOffset))
      """)
  }

  private func moment(_ bench: Bench, of token: String) throws -> Int {
    try #require(bench.feishu.arrivals.first { $0.tokens.contains(token) }).at
  }

  @Test func `alone, a key takes the whole budget`() throws {
    let bench = try Bench()
    make(bench, "k", previews: 300)
    ask(bench, "k")
    try bench.run()
    #expect(bench.feishu.arrivals.count == 30)
    let (first, last) = (bench.feishu.arrivals[0].at, bench.feishu.arrivals[29].at)
    // Thirty calls at five a second.
    #expect(last - first < 5 * 1_000 + 500, "\(last - first)")
  }

  @Test func `what is asked for while a key is under way goes in one of the next calls`() throws {
    let bench = try Bench()
    make(bench, "k", previews: 1_000)
    ask(bench, "k")
    bench.world.after(3_000) { bench.ask("other", "ou_1") }
    try bench.run()
    #expect(try moment(bench, of: "other") - bench.start - 3_000 < 450)
    #expect(bench.feishu.arrivals.count == 101)
  }

  @Test func `those who ask all the time get at least half of the calls`() throws {
    let bench = try Bench()
    make(bench, "k", previews: 400)
    ask(bench, "k")
    for number in 0..<100 {
      bench.world.after(number * 150) { bench.ask("o\(number)", "ou_\(number)") }
    }
    try bench.run()
    for number in 0..<100 {
      let waited = try moment(bench, of: "o\(number)") - bench.start - number * 150
      // They ask for 6.7 calls a second, and all calls are five.
      let backlog = number * 150 / 1_000 * 1_000 + 1_500
      #expect(waited < backlog, "\(number): \(waited)")
    }
    let last = try moment(bench, of: "o99")
    let calls = bench.feishu.arrivals.filter { $0.at <= last }
    #expect(calls.filter { $0.tokens[0].hasPrefix("o") }.count * 2 >= calls.count)
  }

  @Test func `where answers are slow too, a key takes every other call at most`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 3_000
    make(bench, "k", previews: 1_000)
    ask(bench, "k")
    for number in 0..<80 {
      bench.world.after(3_000 + number * 500) { bench.ask("o\(number)", "ou_\(number)") }
    }
    try bench.run()
    // Two asks a second are more than get through, so from here on some always wait.
    let calls = bench.feishu.arrivals.map { $0.tokens[0] }.drop { $0 != "o5" }.prefix {
      $0 != "o79"
    }
    #expect(calls.count > 100)
    for (call, next) in zip(calls, calls.dropFirst()) {
      #expect(!(call.hasPrefix("k") && next.hasPrefix("k")), "\(call), \(next)")
    }
  }

  @Test func `a small key does not wait behind a large one`() throws {
    let bench = try Bench()
    make(bench, "large", previews: 1_000)
    make(bench, "small", previews: 5)
    ask(bench, "large")
    bench.world.after(3_000) { ask(bench, "small") }
    try bench.run()
    for number in 1...5 {
      #expect(try moment(bench, of: "small_\(number)") - bench.start - 3_000 < 450)
    }
  }

  @Test func `an urgent key goes before one that is not`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    make(bench, "a", previews: 100)
    make(bench, "b", previews: 30)
    ask(bench, "a")
    bench.world.after(100) { ask(bench, "b", isUrgent: true) }
    try bench.run()
    let calls = bench.feishu.arrivals.map { $0.tokens[0].prefix(1) }
    #expect(calls.prefix(4).elementsEqual(["b", "b", "b", "a"]), "\(calls)")
  }

  @Test func `an urgent ask for a key that waits already makes it urgent`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    make(bench, "a", previews: 20)
    make(bench, "b", previews: 20)
    ask(bench, "a")
    ask(bench, "b")
    bench.world.after(500) { ask(bench, "b", isUrgent: true) }
    try bench.run()
    let calls = bench.feishu.arrivals.map { $0.tokens[0].prefix(1) }
    #expect(calls.elementsEqual(["b", "b", "a", "a"]), "\(calls)")
  }

  @Test func `asked for together, an urgent ask and another one make the key urgent`() throws {
    let bench = try Bench()
    make(bench, "a", previews: 20)
    for number in 0..<10 { bench.ask("o\(number)", "ou_\(number)") }
    ask(bench, "a")
    ask(bench, "a", isUrgent: true)
    try bench.run()
    #expect(bench.feishu.arrivals.prefix(2).allSatisfy { $0.tokens[0].hasPrefix("a") })
  }

  @Test(arguments: [
    "delete from ask where urgent and id > 0", "update ask set expires_in_ms = 500 where id = 2",
  ])
  func `once no urgent ask waits for them, the previews of a key are not urgent`(change: String)
    throws
  {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    make(bench, "a", previews: 100)
    ask(bench, "a")
    ask(bench, "a", isUrgent: true)
    if change.hasPrefix("update") {
      bench.tamper(change)
    } else {
      bench.world.after(500) { bench.sql(change) }
    }
    try bench.run(.stay, for: 900)
    #expect(try bench.number("select count(*) from lane where urgent") == 0)
    #expect(try bench.number("select count(*) from ask where part_of is not null and urgent") == 0)
  }

  @Test func `a key whose previews take a call each leaves others half of the calls`() throws {
    let bench = try Bench()
    bench.sql(
      """
      with recursive number(n) as (select 1 union all select n + 1 from number where n < 60)
      insert into sighting (token, key, open_id) select 'k_' || n, 'k', 'ou_k' || n from number;
      insert into ask (kind, lane, body, asked_ms)
      values ('key', 'k', '{"viewers":true}', \(bench.world.now + bench.world.wallOffset))
      """)
    bench.world.after(3_000) { bench.ask("other", "ou_1") }
    try bench.run()
    #expect(bench.feishu.arrivals.count == 61)
    #expect(try moment(bench, of: "other") - bench.start - 3_000 < 450)
  }
}
