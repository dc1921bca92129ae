import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct Spacing {
  @Test func `a token asked for again goes five seconds after its answer`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.world.after(100) { bench.ask("a", "ou_1") }
    try bench.run(.stay, for: 20_000)
    // Sent at 21 after the access token; arrives at 22, answered at 42.
    #expect(bench.timetable == "22 ms  a for ou_1\n5048 ms  a for ou_1")
  }

  @Test func `a slow answer delays the next call, because the call may have arrived late`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 1 ? .slow(3_000) : nil }
    bench.ask("a")
    bench.world.after(100) { bench.ask("a") }
    try bench.run(.stay, for: 20_000)
    #expect(bench.timetable == "22 ms  a for everyone\n8028 ms  a for everyone")
  }

  @Test func `a call that never left does not use the slot`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 1 ? .neverLeft("connection refused") : nil }
    let ask = bench.ask("a")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(bench.feishu.arrivals[0].at - bench.start < 3_000)
    #expect(try bench.number("select attempts from lane") == 0)
  }

  @Test(arguments: [-3_600_000, 3_600_000])
  func `setting the wall clock by an hour changes nothing during a run`(step: Int) throws {
    let bench = try Bench()
    bench.ask("a")
    bench.world.after(100) {
      bench.world.wallOffset += step
      bench.ask("a")
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.timetable == "22 ms  a for everyone\n5048 ms  a for everyone")
  }

  @Test(arguments: [-3_600_000, 3_600_000])
  func `nor between two runs`(step: Int) throws {
    let bench = try Bench()
    bench.ask("a")
    try bench.run()
    bench.world.wallOffset += step
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.violations == [])
    let gap = bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at
    #expect(gap >= 5_000 && gap < 5_100)
  }

  @Test(arguments: [-3_600_000, 0, 3_600_000])
  func `nor across a restart of the machine, which is late by one window at most`(
    step: Int
  ) throws {
    let bench = try Bench()
    bench.ask("a")
    try bench.run()
    // The machine is off for two seconds, and its clock starts from zero.
    bench.world.boot = "boot-2"
    bench.world.wallOffset += step
    bench.world.now += 2_000
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.violations == [])
    #expect(bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at < 12_100)
  }

  @Test func `where the machine's starts cannot be told apart, every run counts as one`() throws {
    let bench = try Bench()
    bench.world.boot = nil
    bench.ask("a")
    try bench.run()
    bench.world.wallOffset += 3_600_000
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.violations == [])
  }
}

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
        channel, packing: .exact, PackingTerms(joins: true, secondsSince1970: 0, dice: [1, 2]),
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

struct NothingExtra {
  @Test func `only lanes with the same audience share a call`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("b", "ou_2")
    bench.ask("c", "ou_1")
    bench.ask("d")
    try bench.run()
    #expect(
      bench.timetable == """
        22 ms  a c for ou_1
        22 ms  b for ou_2
        22 ms  d for everyone
        """)
  }

  @Test func `with cover, lanes with different audiences share one`() throws {
    let bench = try Bench()
    bench.settings.packing = .cover(extraPairsMax: 900)
    bench.ask("a", "ou_1")
    bench.ask("b", "ou_2")
    bench.ask("d")
    try bench.run()
    #expect(bench.timetable == "22 ms  a b for ou_1 ou_2\n22 ms  d for everyone")
  }

  @Test func `an audience of 250 takes three calls, five seconds apart`() throws {
    let bench = try Bench()
    let people = (0..<250).map { "ou_\(1_000 + $0)" }
    let ask = bench.ask("a", audience: .people(people))
    try bench.run()
    #expect(bench.feishu.arrivals.map { $0.people?.count } == [100, 100, 50])
    #expect(bench.feishu.arrivals.flatMap { $0.people ?? [] } == people)
    #expect(bench.feishu.violations == [])
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `what was asked of a large audience in between is kept apart from its progress`()
    throws
  {
    let bench = try Bench()
    let people = (0..<150).map { "ou_\(1_000 + $0)" }
    let large = bench.ask("a", audience: .people(people))
    var again = 0
    // The first hundred have been reached, and one of them is asked for again.
    bench.world.after(1_000) { again = bench.ask("a", "ou_1000") }
    try bench.run()
    #expect(bench.feishu.arrivals.map { $0.people?.count } == [100, 51])
    #expect(bench.feishu.arrivals[1].people?.first == "ou_1000")
    #expect(try bench.state(large) == .delivered)
    #expect(try bench.state(again) == .delivered)
  }
}

struct LimitsKept {
  @Test func `a thousand tokens with one audience leave in a hundred calls at full pace`() throws {
    let bench = try Bench()
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1", "ou_2") }
    try bench.run()
    #expect(bench.feishu.arrivals.count == 100)
    #expect(bench.feishu.violations == [])
    let span = bench.feishu.arrivals[99].at - bench.feishu.arrivals[0].at
    #expect(span >= 19_000 && span <= 20_000 * 105 / 100, "took \(span) ms")
  }

  @Test func `the budget is kept across runs that follow at once`() throws {
    let bench = try Bench()
    for round in 0..<6 {
      for token in 0..<30 { bench.ask("t\(round)-\(token)", "ou_1") }
      try bench.run(.untilEmpty)
    }
    #expect(bench.feishu.arrivals.count == 18)
    #expect(bench.feishu.violations == [])
  }

  @Test func `a monthly quota stops the account until the first`() throws {
    let bench = try Bench()
    bench.settings.monthlyQuota = 3
    for token in 0..<50 { bench.ask("t\(token)", "ou_1") }
    let result = try bench.run()
    #expect(bench.feishu.arrivals.count == 3)
    #expect(result.leftBehind != nil)
    bench.world.now += 32 * 86_400_000
    try bench.run()
    #expect(bench.feishu.arrivals.count == 5)
  }

  @Test(arguments: 0..<30)
  func `under jitter, failures and floods the server never sees a rule broken`(
    seed: UInt64
  ) throws {
    let bench = try Bench(seed: seed)
    bench.world.uplink_ms = 1...25
    var dice = Dice(seed)
    bench.feishu.fault = { _, _ in
      switch Int.random(in: 0..<100, using: &dice) {
      case ..<5: .lost
      case ..<10: .answer(502, "<html>")
      case ..<14: .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "2"])
      case ..<18: .neverLeft("no route")
      case ..<30: .slow(Int.random(in: 30...4_000, using: &dice))
      default: nil
      }
    }
    var asks: [Int] = []
    for _ in 0..<150 {
      let token = "t\(Int.random(in: 0..<40, using: &dice))"
      let people = (0..<Int.random(in: 0...3, using: &dice)).map { "ou_\($0)" }
      bench.world.after(Int.random(in: 0..<60_000, using: &dice)) {
        asks.append(
          bench.ask(token, audience: people.isEmpty ? .everyone : .people(people)))
      }
    }
    bench.world.after(61_000) {}
    bench.ask("last", after: 60_500)
    try bench.run()
    try #require(bench.feishu.violations == [], "seed \(seed)")
    try #require(asks.count == 150)
    for ask in asks {
      try #require(try bench.state(ask) == .delivered, "seed \(seed), ask \(ask)")
    }
  }
}

struct Coalescing {
  @Test func `asks that arrive while a lane waits become one call`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("a", "ou_2")
    bench.ask("a", "ou_1")
    try bench.run()
    #expect(bench.timetable == "22 ms  a for ou_1 ou_2")
  }

  @Test func `everyone absorbs people`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("a")
    try bench.run()
    #expect(bench.timetable == "22 ms  a for everyone")
  }

  @Test func `asks that arrive in flight make exactly one call more, for them alone`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 500
    bench.ask("a", "ou_1")
    for delay in [600, 650, 700] {
      bench.world.after(delay) { bench.ask("a", "ou_\(delay)") }
    }
    try bench.run()
    #expect(
      bench.timetable == "502 ms  a for ou_1\n6008 ms  a for ou_600 ou_650 ou_700")
  }

  @Test func `a lane that is asked for all the time goes once a slot`() throws {
    let bench = try Bench()
    for tick in 0..<300 { bench.world.after(tick * 100) { bench.ask("a", "ou_1") } }
    bench.ask("z", after: 30_000)
    try bench.run()
    let calls = bench.feishu.arrivals.filter { $0.tokens == ["a"] }.count
    #expect(calls == 6 || calls == 7)
    #expect(bench.feishu.violations == [])
  }
}

struct Fairness {
  @Test func `the lane that has been due longest is in the next call`() throws {
    let bench = try Bench()
    for (delay, token) in ["c", "a", "b", "e", "d", "f"].enumerated() {
      bench.world.after(delay) { bench.ask(token, "ou_\(token)") }
    }
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(
          status: 200,
          body: Array(#"{"code":0,"tenant_access_token":"t","expire":7200}"#.utf8)))
    }
    bench.ask("z", after: 10)
    try bench.run()
    #expect(bench.feishu.arrivals.prefix(6).flatMap(\.tokens) == ["c", "a", "b", "e", "d", "f"])
  }

  @Test func `a lane with an unusual audience is not kept waiting by a crowd that packs well`()
    throws
  {
    let bench = try Bench()
    for token in 0..<200 { bench.ask("t\(token)", "ou_1") }
    bench.ask("odd", "ou_2")
    for token in 200..<400 { bench.ask("t\(token)", "ou_1") }
    try bench.run()
    let place = bench.feishu.arrivals.firstIndex { $0.tokens == ["odd"] }
    #expect(place == 20)
  }
}
