import Delivery
import Larkspur
import Planning
import Testing

/// Deleting an open ask cancels it.
struct DeletedAskTests {
  /// A bench on which lanes wait for two seconds before the first call.
  private func bench() throws -> Bench {
    let bench = try Bench()
    bench.withholdTokens(for: 2_000)
    return bench
  }

  private func told(_ bench: Bench, _ token: String) -> [String] {
    bench.feishu.arrivals.filter { $0.tokens.contains(token) }.flatMap { $0.people ?? ["everyone"] }
      .sorted()
  }

  @Test func `a lane whose only ask is deleted is not sent`() throws {
    let bench = try bench()
    let kept = bench.ask("a", "ou_1")
    let deleted = bench.ask("b", "ou_2")
    bench.world.after(500) { bench.sql("delete from ask where id = \(deleted)") }
    let result = try bench.run()
    #expect(bench.feishu.arrivals.map(\.tokens) == [["a"]])
    #expect(try bench.state(kept) == .delivered)
    #expect(result.progress.lanesLeft == 0)
    #expect(try bench.number("select count(*) from lane where state = 'idle'") == 2)
  }

  @Test func `before it was folded or while it is held back, too`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.sql("delete from ask")
    bench.ask("b", "ou_1", after: 5_000)
    bench.world.after(1_000) { bench.sql("delete from ask") }
    try bench.run(.stay, for: 10_000)
    #expect(bench.feishu.arrivals.isEmpty)
  }

  @Test func `of several asks only the people of the others are refreshed`() throws {
    let bench = try bench()
    let asks = [bench.ask("a", "ou_1", "ou_2"), bench.ask("a"), bench.ask("a", "ou_2", "ou_3")]
    bench.world.after(500) { bench.sql("delete from ask where id in (\(asks[0]), \(asks[1]))") }
    try bench.run()
    #expect(told(bench, "a") == ["ou_2", "ou_3"])
    #expect(try bench.state(asks[2]) == .delivered)
  }

  @Test func `lanes that would have shared its call go without it`() throws {
    let bench = try bench()
    for token in 0..<10 { bench.ask("t\(token)", "ou_1") }
    bench.world.after(500) { bench.sql("delete from ask where id % 2 = 0") }
    try bench.run()
    #expect(bench.feishu.arrivals.flatMap(\.tokens).sorted() == (0..<5).map { "t\($0 * 2)" })
  }

  @Test func `however many are deleted at once, none of them is sent`() throws {
    let bench = try bench()
    for token in 0..<3_000 { bench.ask("t\(token)", "ou_\(token % 7)") }
    bench.world.after(1_990) { bench.sql("delete from ask where id <> 1500") }
    try bench.run()
    #expect(bench.feishu.arrivals.flatMap(\.tokens) == ["t1499"])
  }

  @Test func `what a call carries is on its way, and what was asked meanwhile is not sent`() throws
  {
    let bench = try Bench()
    bench.feishu.latency_ms = 2_000
    bench.ask("a", "ou_1")
    // The call is in flight from 2 s to 4 s.
    bench.world.after(2_500) { bench.ask("a", "ou_2") }
    bench.world.after(2_700) { bench.ask("a", "ou_3") }
    bench.world.after(3_000) { bench.sql("delete from ask where id in (1, 2)") }
    try bench.run(.stay, for: 20_000)
    #expect(told(bench, "a") == ["ou_1", "ou_3"])
    #expect(try bench.number("select count(*) from ask where outcome is null") == 0)
  }

  @Test func `with all of it deleted nothing follows`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 2_000
    bench.ask("a", "ou_1")
    bench.world.after(2_500) { bench.ask("a", "ou_2") }
    bench.world.after(3_000) { bench.sql("delete from ask") }
    try bench.run(.stay, for: 20_000)
    #expect(told(bench, "a") == ["ou_1"])
  }

  @Test func `a call that failed is not repeated for whom nobody asks any more`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 2_000
    bench.feishu.fault = { call, _ in call == 1 ? .answer(502, "<html>bad gateway</html>") : nil }
    bench.ask("a", "ou_1")
    bench.ask("a", "ou_2")
    bench.ask("b", "ou_1", "ou_2")
    bench.world.after(3_000) { bench.sql("delete from ask where id in (1, 3)") }
    try bench.run()
    let again = bench.feishu.arrivals.dropFirst()
    #expect(again.map(\.tokens) == [["a"]] && again.first?.people == ["ou_2"])
  }

  @Test func `asked for again after that, a token is refreshed`() throws {
    let bench = try bench()
    bench.ask("a", "ou_1")
    bench.world.after(500) {
      bench.sql("delete from ask")
      bench.ask("a", "ou_2")
    }
    try bench.run()
    #expect(told(bench, "a") == ["ou_2"])
  }

  @Test func `what a dead run had in flight is not repeated for it`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("a", "ou_2")
    let store = try WorkerStore(queue: bench.path)
    try store.transaction { () throws(StoreError) in
      try store.setClock(bench.world.clocks(), charged: [])
      let now = store.clocks.queue(bench.world.clocks().sinceBoot)
      _ = try store.fold(at: now, limit: 10)
      var settled = Settled()
      let terms = PackingTerms(joins: true, secondsSince1970: 1_700_000_000, dice: [1, 2])
      let flight = try store.claim(
        Channel(account: try store.account("default"), kind: .preview), [.urgent, .ordinary],
        packing: .exact, terms,
        at: now, horizon: .max, timeout: 10_000, &settled)
      #expect(flight != nil)
    }
    bench.sql("delete from ask where id = 1")
    bench.world.now += 60_000
    try bench.run()
    #expect(told(bench, "a") == ["ou_2"])
  }

  @Test func `a batch that waits in its card's line is not applied`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 1_000
    bench.batch("c", "e1")
    bench.world.after(500) {
      bench.batch("c", "e2")
      bench.batch("c", "e3")
      bench.sql("delete from ask where id = 2")
    }
    try bench.run(.stay, for: 10_000)
    #expect(bench.feishu.cards.applied["c"] == ["e1", "e3"])
  }

  @Test func `a parcel that was never carried out is packed again without it`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(429, #"{"code":99991400}"#, headers: [:]) : nil
    }
    bench.batch("c", "e1")
    bench.batch("c", "e2")
    bench.world.after(500) { bench.sql("delete from ask where id = 1") }
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.cards.applied["c"] == ["e2"])
  }

  @Test func `one that may have been carried out is repeated as it was`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 1 ? .lost : nil }
    bench.batch("c", "e1")
    bench.batch("c", "e2")
    bench.world.after(50) { bench.sql("delete from ask where id = 1") }
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.cards.applied["c"] == ["e1", "e2"])
    let bodies = try #require(bench.feishu.cards.bodies["c"])
    #expect(bodies.count == 2 && bodies[0] == bodies[1])
  }

  @Test func `nor is a parcel repeated of which nobody wants anything`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(429, #"{"code":99991400}"#, headers: [:]) : nil
    }
    bench.batch("c", "e1")
    bench.world.after(500) { bench.sql("delete from ask") }
    bench.world.after(20_000) { bench.batch("c", "e2") }
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.cards.applied["c"] == ["e2"])
    #expect(bench.feishu.bearers.count == 2)
  }
}
