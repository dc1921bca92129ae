import Delivery
import Larkspur
import Planning
import Testing

/// Urgent asks go before others, and never take everything.
struct UrgencyTests {
  /// For one user, so that lanes of different users share no call; nil for everyone.
  private func ask(
    _ bench: Bench, _ token: String, for person: String? = nil, isUrgent: Bool = false,
    kind: String = "preview", body: String? = nil
  ) {
    let audience = person.map { #"{"open_ids":["\#($0)"]}"# } ?? #"{"everyone":true}"#
    bench.sql(
      """
      insert into ask (kind, lane, body, urgent, asked_ms)
      values ('\(kind)', '\(token)', '\(body ?? audience)', \(isUrgent ? 1 : 0),
        \(bench.world.now + bench.world.wallOffset))
      """)
  }

  /// Of each call, in order, whether an urgent token is in it.
  private func areUrgent(_ bench: Bench) -> [Bool] {
    bench.feishu.arrivals.map { $0.tokens.contains { $0.hasPrefix("u") } }
  }

  @Test func `an urgent ask is in the next call, however many wait`() throws {
    let bench = try Bench()
    for number in 0..<60 { ask(bench, "o\(number)", for: "ou_\(number)") }
    bench.world.after(4_050) { ask(bench, "u1", for: "ou_u") }
    try bench.run()
    let asked = bench.start + 4_050
    let next = try #require(bench.feishu.arrivals.first { $0.at > asked + 20 })
    let urgent = try #require(bench.feishu.arrivals.first { $0.tokens == ["u1"] })
    #expect(urgent.at > next.at)

    let other = try Bench()
    for number in 0..<60 { ask(other, "o\(number)", for: "ou_\(number)") }
    other.world.after(4_050) { ask(other, "u1", for: "ou_u", isUrgent: true) }
    try other.run()
    let later = other.feishu.arrivals.filter { $0.at > other.start + 4_050 }
    // A call may have been claimed just before.
    #expect(later.prefix(2).contains { $0.tokens == ["u1"] }, "\(later.prefix(3))")
  }

  @Test func `while others wait, urgent asks take at most four calls of five`() throws {
    let bench = try Bench()
    for number in 0..<40 {
      ask(bench, "u\(number)", for: "ou_u\(number)", isUrgent: true)
      ask(bench, "o\(number)", for: "ou_\(number)")
    }
    try bench.run()
    let calls = areUrgent(bench)
    #expect(calls.count == 80)
    // Forty urgent calls at four of five: in the first fifty calls there are ten others.
    #expect(calls.prefix(50).filter { $0 }.count == 40)
    for first in 0..<46 {
      #expect(calls[first..<first + 5].contains(false), "calls \(first) to \(first + 4)")
    }
  }

  @Test func `with a smaller budget they take every other call`() throws {
    let bench = try Bench()
    bench.settings.limits[.preview] = [.init(2, per: .seconds(1))]
    bench.feishu.callsPerSecond = 2
    for number in 0..<10 {
      ask(bench, "u\(number)", for: "ou_u\(number)", isUrgent: true)
      ask(bench, "o\(number)", for: "ou_\(number)")
    }
    try bench.run()
    #expect(areUrgent(bench) == Array((0..<20).map { $0 % 2 == 0 }))
  }

  @Test func `the share of the others holds across runs that make one call each`() throws {
    let bench = try Bench()
    for number in 0..<20 {
      ask(bench, "u\(number)", for: "ou_u\(number)", isUrgent: true)
      ask(bench, "o\(number)", for: "ou_\(number)")
    }
    for _ in 0..<60 where areUrgent(bench).count < 25 {
      // A run ends soon after its first calls.
      try bench.run(.stay, for: 100)
      bench.world.now += 1_000
    }
    let calls = areUrgent(bench)
    #expect(calls.count >= 25)
    for first in 0..<max(0, calls.count - 4) {
      #expect(calls[first..<first + 5].contains(false), "calls \(first) to \(first + 4)")
    }
  }

  @Test func `an urgent call takes urgent lanes first, then those that have been due longest`()
    throws
  {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    for number in 0..<30 { bench.world.after(number) { ask(bench, "o\(number)") } }
    for number in 0..<4 {
      bench.world.after(100 + number) { ask(bench, "u\(number)", isUrgent: true) }
    }
    try bench.run()
    let first = try #require(bench.feishu.arrivals.first)
    #expect(Set(first.tokens) == ["u0", "u1", "u2", "u3", "o0", "o1", "o2", "o3", "o4", "o5"])
  }

  @Test func `a lane is as urgent as its most urgent open ask`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    for number in 0..<5 { ask(bench, "o\(number)", for: "ou_\(number)") }
    bench.world.after(100) {
      ask(bench, "o4", for: "ou_4", isUrgent: true)
      ask(bench, "o3", for: "ou_3", isUrgent: true)
    }
    bench.world.after(200) { bench.sql("delete from ask where lane = 'o3' and urgent = 1") }
    try bench.run()
    #expect(bench.feishu.arrivals.flatMap(\.tokens) == ["o4", "o0", "o1", "o2", "o3"])
  }

  @Test func `what is left of a lane after its urgent ask has ended is not urgent`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    let many = (0..<150).map { "\"ou_\(1_000 + $0)\"" }.joined(separator: ",")
    ask(bench, "big", body: "{\"open_ids\":[\(many)]}")
    ask(bench, "big", for: "ou_1000", isUrgent: true)
    for number in 0..<40 { ask(bench, "o\(number)", for: "ou_\(number)") }
    try bench.run()
    let places = bench.feishu.arrivals.indices.filter {
      bench.feishu.arrivals[$0].tokens.contains("big")
    }
    #expect(places.first == 0)
    // Its slot is over after five seconds, and then others have been due for longer.
    #expect(places.count == 2 && places[1] == 41, "\(places)")
  }

  @Test func `urgent cards go before others`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 1_000)
    let body = #"{"actions":[{"action":"delete_elements","params":{"element_ids":["e"]}}]}"#
    for number in 0..<3 { ask(bench, "o\(number)", kind: "card", body: body) }
    ask(bench, "u", isUrgent: true, kind: "card", body: body)
    try bench.run()
    let first = try #require(bench.feishu.cards.moments["u"]?.first)
    for number in 0..<3 { #expect(bench.feishu.cards.moments["o\(number)"]?.first ?? 0 >= first) }
    let calls = try bench.intake.db.all(
      "select name from call join lane on last_call = call.id where api = 'card' order by call.id"
    ) { $0.text(0) }
    #expect(calls == ["u", "o0", "o1", "o2"])
  }

  @Test func `the last calls of the month are kept for urgent asks`() throws {
    let bench = try Bench()
    bench.settings.monthlyQuota = 10
    bench.settings.quotaReserve = 3
    for number in 0..<12 { ask(bench, "o\(number)", for: "ou_\(number)") }
    for number in 0..<2 {
      bench.world.after(30_000 + number) {
        ask(bench, "u\(number)", for: "ou_u\(number)", isUrgent: true)
      }
    }
    try bench.run(.stay, for: 60_000)
    let tokens = bench.feishu.arrivals.flatMap(\.tokens)
    #expect(tokens == (0..<7).map { "o\($0)" } + ["u0", "u1"])
    ask(bench, "u2", for: "ou_u2", isUrgent: true)
    ask(bench, "u3", for: "ou_u3", isUrgent: true)
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.arrivals.flatMap(\.tokens).suffix(1) == ["u2"])
    #expect(try bench.number("select count(*) from queue where urgent") == 1)
    #expect(try bench.number("select count(*) from queue") == 6)
  }

  @Test(arguments: [WorkMode.Goal.once, .untilEmpty])
  func `a run with an end leaves what waits for the reserve, and says so`(goal: WorkMode.Goal)
    throws
  {
    let bench = try Bench()
    bench.settings.monthlyQuota = 5
    bench.settings.quotaReserve = 3
    for number in 0..<4 { ask(bench, "o\(number)", for: "ou_\(number)") }
    let began = bench.world.now
    let result = try bench.run(goal)
    #expect(bench.feishu.arrivals.count == 2)
    #expect(bench.world.now - began < 60_000)
    #expect(result.leftBehind == "the rest of its monthly calls is kept for urgent asks")
  }

  @Test func `without a reserve, none is given as a reason`() throws {
    let bench = try Bench()
    bench.settings.monthlyQuota = 1
    for number in 0..<3 { ask(bench, "o\(number)", for: "ou_\(number)") }
    try bench.run()
    let openings = try bench.intake.db.all("select opening from budget where api = 'preview'") {
      $0.text(0)
    }
    #expect(
      openings.count == 1 && openings[0].contains("quota") && !openings[0].contains("reserve"))
  }
}
