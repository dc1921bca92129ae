import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct NothingLost {
  @Test func `an ask ends as delivered, by a call that started after it`() throws {
    let bench = try Bench()
    let ask = bench.ask("a", "ou_1", "ou_2")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    let started = try bench.number(
      "select started_ms from call where id = (select call_id from ask)")
    #expect(started >= bench.start)
  }

  @Test func `what is asked while a call is in flight is not delivered by that call`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 500
    let first = bench.ask("a", "ou_1")
    var second = 0
    bench.world.after(700) { second = bench.ask("a", "ou_1") }
    try bench.run(for: 2_000)
    #expect(try bench.state(first) == .delivered)
    #expect(try bench.state(second) == .open)
  }

  @Test func `a call whose run died is repeated, no sooner than its slot allows`() throws {
    let bench = try Bench()
    let ask = bench.ask("a")
    try claimAndDie(bench)
    #expect(try bench.state(ask) == .open)
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(try bench.number("select count(*) from call where outcome = 'unknown'") == 1)
    // Claimed at 0; it could have arrived until 10,000.
    #expect(bench.feishu.arrivals[0].at - bench.start >= 15_000)
  }

  /// Leaves the queue like a run that is killed between its claim and the answer.
  private func claimAndDie(_ bench: Bench) throws {
    let store = try WorkerStore(queue: bench.path)
    try store.transaction { () throws(StoreError) in
      try store.setClock(bench.world.clocks(), charged: try store.chargedLanes())
      let now = store.clocks.queue(bench.world.clocks().sinceBoot)
      _ = try store.fold(at: now, limit: 10)
      let channel = Channel(account: try store.account("default"), kind: .preview)
      var settled = Settled()
      let flight = try store.claim(
        channel, [.urgent, .ordinary], packing: .exact,
        PackingTerms(joins: true, secondsSince1970: 0, dice: [1, 2]),
        at: now, horizon: now, timeout: 10_000, &settled)
      #expect(flight != nil)
    }
  }

  @Test func `an ask that may not go yet is held back, and goes then`() throws {
    let bench = try Bench()
    bench.ask("a", after: 60_000)
    try bench.run()
    #expect(bench.timetable == "60022 ms  a for everyone")
  }

  @Test func `an ask that was wanted by now or not at all expires, and is not sent`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    var late = 0
    bench.world.after(100) { late = bench.ask("a", "ou_2", expiresIn: 2_000) }
    try bench.run(.stay, for: 20_000)
    #expect(try bench.state(late) == .expired)
    #expect(bench.feishu.arrivals.count == 1)
  }

  @Test func `an ask that expires in flight ends with the answer, and is not sent again`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(502, "<html>") }
    let ask = bench.ask("a", expiresIn: 1_000)
    try bench.run()
    #expect(try bench.state(ask) == .expired)
    #expect(bench.feishu.arrivals.count == 1)
  }

  @Test func `the others in its lane are not affected`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.world.after(100) {
      bench.ask("a", "ou_2", expiresIn: 2_000)
      bench.ask("a", "ou_3")
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.timetable == "22 ms  a for ou_1\n5048 ms  a for ou_3")
  }

  @Test func `a lane that fails while others go through is given up after eight attempts`() throws {
    let bench = try Bench()
    bench.feishu.tokenFaults["a"] = .answer(500, #"{"code":2200,"msg":"Internal Error"}"#)
    let ask = bench.ask("a")
    for turn in 1...600 { bench.ask("t\(turn)", "ou_1", after: turn * 3_000) }
    let result = try bench.run()
    #expect(bench.feishu.arrivals.count { $0.tokens == ["a"] } == 8)
    #expect(try bench.state(ask) == .dead(reason: "2200 Internal Error (HTTP 500)"))
    #expect(result.asksDied == 1)
    #expect(bench.feishu.violations == [])
  }
}
