import Delivery
import Foundation
import Larkspur
import Planning
import Testing

/// Nobody dies of an outage: while a channel fails whatever it is sent, nothing costs an attempt,
/// and at most five lanes die on it without a success in between.
struct Outages {
  /// Gives this answer to everything for `span`, and answers as usual afterwards.
  private func bench(_ answer: SimulatedFeishu.Fault, for span: Int, asks: Int) throws -> Bench {
    let bench = try Bench()
    bench.feishu.fault = { [unowned bench] _, at in at < bench.start + span ? answer : nil }
    for token in 0..<asks { bench.ask("t\(token)", "ou_\(token % 7)") }
    return bench
  }

  private func stay(_ bench: Bench, for span: Int) throws {
    bench.world.after(span) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    bench.world.stopRequests = 0
  }

  private func count(_ outcome: String, _ bench: Bench) throws -> Int {
    try bench.number("select count(*) from ask where outcome = '\(outcome)'")
  }

  static let ofNothing: [SimulatedFeishu.Fault] = [
    .answer(500, #"{"code":2200,"msg":"Internal Error"}"#), .answer(503, #"{"code":1663}"#),
    .answer(502, "<html>bad gateway</html>"), .answer(200, #"{"code":424242}"#),
    .answer(400, #"{"code":424242}"#), .answer(404, #"{"code":404}"#), .broken,
    .neverLeft("no route"),
  ]

  @Test(arguments: ofNothing)
  func `an hour in which everything fails kills nobody, and all is delivered soon after`(
    answer: SimulatedFeishu.Fault
  ) throws {
    let bench = try bench(answer, for: 3_600_000, asks: 40)
    try stay(bench, for: 5_000_000)
    #expect(try count("dead", bench) == 0)
    #expect(try count("delivered", bench) == 40)
    #expect(bench.feishu.arrivals.count < 200)
  }

  @Test(arguments: [3_600_000, 60_000])
  func `refused for what they carry, five lanes die at most`(span: Int) throws {
    let bench = try bench(.answer(400, #"{"code":230001}"#), for: span, asks: 500)
    try stay(bench, for: span + 1_500_000)
    #expect(try count("dead", bench) <= 5)
    #expect(try count("delivered", bench) + count("dead", bench) == 500)
    #expect(try bench.number("select count(*) from refused_person") == 0)
  }

  @Test func `the short runs of a cron job add up`() throws {
    let bench = try bench(.answer(400, #"{"code":230001}"#), for: .max / 2, asks: 100)
    for _ in 0..<120 {
      try bench.run(.once)
      bench.world.now += 60_000
    }
    #expect(try count("dead", bench) <= 5)
    #expect(bench.feishu.arrivals.count < 120)
  }

  @Test
  func
    `what is refused is asked for again after 5 s, 30 s, 2 min and then each 10 min, each time another lane`()
    throws
  {
    let bench = try bench(.answer(400, #"{"code":230001}"#), for: .max / 2, asks: 500)
    try stay(bench, for: 3_600_000)
    let last = bench.feishu.arrivals.suffix(5)
    let gaps = zip(last, last.dropFirst()).map { ($1.at - $0.at) / 1_000 }
    #expect(gaps == [600, 600, 600, 600])
    #expect(Set(last.flatMap(\.tokens)).count == 5)
    let gapsBefore = zip(bench.feishu.arrivals, bench.feishu.arrivals.dropFirst())
      .map { ($1.at - $0.at) / 1_000 }.filter { $0 >= 5 }.prefix(3)
    #expect(gapsBefore == [5, 30, 120])
  }

  @Test(arguments: [WorkMode.Goal.once, .untilEmpty])
  func
    `a run that has an end ends after the third failed probe, and says what everything is refused with`(
      goal: WorkMode.Goal
    ) throws
  {
    let bench = try bench(.answer(400, #"{"code":230001,"msg":"no"}"#), for: .max / 2, asks: 500)
    let result = try bench.run(goal)
    #expect(result.leftBehind == "everything is refused: 230001 no (HTTP 400)")
    #expect(bench.world.now - bench.start < 300_000)
  }

  @Test func `so does one that has only so much time`() throws {
    let bench = try bench(.answer(400, #"{"code":230001,"msg":"no"}"#), for: .max / 2, asks: 500)
    let result = try bench.run(.stay, for: 3_600_000)
    #expect(result.leftBehind == "everything is refused: 230001 no (HTTP 400)")
    #expect(bench.world.now - bench.start < 300_000)
  }

  @Test func `a host that keeps failing ends it, too`() throws {
    let bench = try bench(.answer(503, #"{"code":1663,"msg":"busy"}"#), for: .max / 2, asks: 50)
    #expect(try bench.run(.untilEmpty).leftBehind == "1663 busy (HTTP 503)")
    #expect(bench.world.now - bench.start < 600_000)
  }

  @Test func `a bad token that is asked for during an outage holds nobody up after it`() throws {
    let bench = try bench(.neverLeft("no route"), for: 60_000, asks: 9)
    bench.feishu.tokenFaults["t3"] = .answer(400, #"{"code":230001}"#)
    try stay(bench, for: 180_000)
    #expect(try count("delivered", bench) == 8)
    #expect(try count("dead", bench) == 1)
    let last = try #require(bench.feishu.arrivals.last { $0.tokens.contains("t4") })
    #expect(last.at - bench.start < 120_000)
  }

  @Test func `a single bad token in an idle queue dies at once`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["a"]
    let ask = bench.ask("a", "ou_1")
    try bench.run()
    #expect(bench.feishu.arrivals.count == 1)
    #expect(try bench.state(ask) == .dead(reason: "230001 param is invalid (HTTP 400)"))
  }

  @Test func `a few bad tokens that are all there is die within a minute`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["a", "b", "c"]
    for token in ["a", "b", "c"] { bench.ask(token, "ou_1") }
    try bench.run()
    #expect(try count("dead", bench) == 3)
    #expect(bench.world.now - bench.start < 60_000)
  }

  @Test(arguments: [UInt64](1...3))
  func `one call in twenty refused by chance kills nobody and puts nobody on the list`(seed: UInt64)
    throws
  {
    let bench = try Bench(seed: seed)
    bench.feishu.fault = { [unowned bench] _, _ in
      bench.world.dice.next() % 20 == 0 ? .answer(400, #"{"code":230001}"#) : nil
    }
    for token in 0..<2_000 { bench.ask("t\(token)", "ou_\(token / 10)", "ou_\(token / 50)") }
    try bench.run()
    #expect(try count("dead", bench) <= 1)
    #expect(try bench.number("select count(*) from refused_person") == 0)
  }

  @Test func `a lane that only ever gets a code nobody knows dies after a day`() throws {
    let bench = try bench(.answer(400, #"{"code":424242}"#), for: .max / 2, asks: 1)
    try stay(bench, for: 23 * 3_600_000)
    #expect(try count("dead", bench) == 0)
    try stay(bench, for: 2 * 3_600_000)
    #expect(try count("dead", bench) == 1)
    #expect(bench.feishu.arrivals.count < 400)
  }

  @Test func `and holds up nothing that is asked for meanwhile`() throws {
    let bench = try Bench()
    bench.feishu.tokenFaults["a"] = .answer(400, #"{"code":424242}"#)
    bench.ask("a", "ou_1")
    bench.world.after(3_600_000) { bench.ask("b", "ou_2") }
    try stay(bench, for: 3_601_000)
    #expect(try count("delivered", bench) == 1)
  }

  @Test func `a run that should empty the queue does not wait for it`() throws {
    let bench = try bench(.answer(400, #"{"code":424242,"msg":"no"}"#), for: .max / 2, asks: 1)
    #expect(try bench.run().leftBehind == "everything is refused: 424242 no (HTTP 400)")
    #expect(bench.world.now - bench.start < 300_000)
  }
}

/// Ways around the limit of five that an adversarial review found.
struct OutagesOfPeople {
  private func stay(_ bench: Bench, for span: Int) throws {
    bench.world.after(span) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    bench.world.stopRequests = 0
  }

  @Test func `an outage that names people loses five lanes at most, and lists nobody`() throws {
    let bench = try Bench()
    bench.feishu.fault = { [unowned bench] _, at in
      at < bench.start + 60_000
        ? .answer(400, #"{"code":99992361,"msg":"open_id cross app: ou_a0"}"#) : nil
    }
    for token in 0..<200 { bench.ask("t\(token)", "ou_a0", "ou_b\(token / 10)", "ou_c") }
    try stay(bench, for: 1_500_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'dead'") <= 5)
    #expect(try bench.number("select count(*) from refused_person") == 0)
  }

  @Test func `an outage while one lane's people are looked through lists nobody`() throws {
    let bench = try Bench()
    bench.feishu.fault = { [unowned bench] call, at in
      call == 1 || (call > 2 && at < bench.start + 45_000) ? .answer(400, #"{"code":230001}"#) : nil
    }
    bench.ask("a", audience: .people((0..<10).map { "ou_\($0)" }))
    try stay(bench, for: 600_000)
    #expect(try bench.number("select count(*) from refused_person") == 0)
    for token in 0..<30 { bench.ask("t\(token)", audience: .people((0..<10).map { "ou_\($0)" })) }
    try stay(bench, for: 60_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") >= 30)
  }

  @Test func `what has not been tried yet is in the next probe`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = Set((0..<12).map { "bad\($0)" })
    for token in 0..<12 { bench.ask("bad\(token)", "ou_1") }
    bench.world.after(300_000) { bench.ask("good", "ou_1") }
    try stay(bench, for: 300_000 + 610_000)
    #expect(
      try bench.number("select count(*) from ask where lane = 'good' and outcome = 'delivered'")
        == 1)
  }

  @Test func `five parcels die at most where cards are gone all at once`() throws {
    let bench = try Bench()
    bench.settings.joins = false
    bench.feishu.cards.gone = ["a": 200_740, "b": 200_740, "c": 200_740]
    for number in 0..<20 { for card in ["a", "b", "c"] { bench.batch(card, "\(card)\(number)") } }
    bench.world.after(300) { bench.batch("d", "x") }
    bench.world.after(600) { bench.feishu.cards.gone["d"] = 200_740 }
    try stay(bench, for: 3_600_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'dead'") <= 5)
  }

  @Test func `after a limit on everything lanes go together as before`() throws {
    let bench = try Bench()
    bench.feishu.fault = { [unowned bench] _, at in
      at < bench.start + 60_000 ? .answer(429, #"{"code":99991400}"#) : nil
    }
    for token in 0..<100 { bench.ask("t\(token)", "ou_1") }
    try stay(bench, for: 300_000)
    #expect(bench.feishu.arrivals.count { $0.wasApplied } <= 12)
  }

  @Test
  func `a host that hands out no access token is told, and waited for no longer than another`()
    throws
  {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { _, _ in
      .answered(RawAnswer(status: 500, body: Array(#"{"code":2200,"msg":"no"}"#.utf8)))
    }
    bench.ask("a", "ou_1")
    let result = try bench.run()
    #expect(result.leftBehind == "no access token: 2200 no (HTTP 500)")
    // `status` and `--wait` read the reason from there.
    #expect(
      try bench.number(
        "select probes >= 3 and paused_ms > 0 and paused_why like '%2200 no%' from budget "
          + "where api = 'auth'") == 1)
  }
}
