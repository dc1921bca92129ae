import Delivery
import Larkspur
import Testing

/// More asks than one turn looks at, in one lane or at one moment.
struct LargeQueueTests {
  @Test func `of more lanes than a turn looks at, none is sent once it has expired`() throws {
    let bench = try Bench()
    for token in 0..<900 { bench.ask("t\(token)", "ou_\(token)", expiresIn: 5_000) }
    // The machine sleeps for a minute, and then has a valid access token and an open budget.
    var sent = 0
    bench.world.at(bench.start + 500) {
      sent = bench.feishu.arrivals.count
      bench.world.now += 60_000
    }
    bench.world.at(bench.start + 90_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(sent > 0 && sent < 20)
    #expect(bench.feishu.arrivals.count == sent)
    #expect(try bench.number("select count(*) from ask where outcome = 'expired'") == 900 - sent)
  }

  @Test func `the asks of a lane that is asked for thousands of times end with its calls`() throws {
    let bench = try Bench()
    _ = try bench.intake.add(
      (0..<5_000).map { .preview("hot", for: .people(["ou_\($0 % 7)"])) })
    let result = try bench.run()
    // Asks folded while the first call is in flight make one more.
    #expect(bench.feishu.arrivals.count == 2)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 5_000)
    #expect(
      try bench.number("select count(*) from ask join call on call.id = call_id") == 5_000)
    #expect(result.progress.lanesLeft == 0)
  }

  @Test func `the asks of a lane that is refused die with it, however many they are`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["bad"]
    bench.ask("good", "ou_1")
    _ = try bench.intake.add((0..<5_000).map { _ in .preview("bad", for: .people(["ou_1"])) })
    try bench.run()
    #expect(try bench.number("select count(*) from ask where outcome = 'dead'") == 5_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 1)
  }

  @Test func `thousands of asks of one lane expire together, and the others of it are sent`() throws
  {
    let bench = try Bench()
    _ = try bench.intake.add(
      (0..<3_000).map { _ in .preview("a", for: .people(["ou_1"]), expiresIn: .seconds(30)) })
    bench.ask("a", "ou_2")
    // Feishu cannot be reached until they have expired.
    bench.feishu.fault = { _, at in at < bench.start + 40_000 ? .neverLeft("no route") : nil }
    bench.world.at(bench.start + 300_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try bench.number("select count(*) from ask where outcome = 'expired'") == 3_000)
    #expect(bench.feishu.arrivals.filter(\.wasApplied).map(\.people) == [["ou_2"]])
  }

  @Test
  func
    `thousands of asks for one token, each for somebody else, end with the calls that reach them`()
    throws
  {
    let bench = try Bench()
    _ = try bench.intake.add((0..<3_000).map { .preview("hot", for: .people(["ou_\($0)"])) })
    try bench.run()
    #expect(bench.feishu.arrivals.count < 40)
    #expect(Set(bench.feishu.arrivals.flatMap { $0.people ?? [] }).count == 3_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 3_000)
    // Each ask is delivered by the call that carried its user.
    #expect(
      try bench.number(
        """
        select count(*) from ask join call on call.id = call_id
        join audience on audience.id = call.audience_id
        where exists (select 1 from json_each(members) as reached
          where reached.value = json_extract(ask.body, '$.open_ids[0]'))
        """) == 3_000)
  }

  @Test func `of thousands of asks for one token, only those for a malformed open_id die`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_77"]
    bench.ask("other", "ou_1")
    _ = try bench.intake.add(
      (0..<2_000).map { .preview("hot", for: .people(["ou_\($0 % 1_000)"])) })
    // Once refused for one token, these users are left out for all others without a call.
    _ = try bench.intake.add(
      (0..<2_000).map { .preview("warm", for: .people(["ou_\($0 % 1_000)"])) })
    try bench.run()
    #expect(try bench.number("select count(*) from ask where outcome = 'dead'") == 4)
    #expect(
      try bench.number(
        "select count(*) from ask where outcome = 'dead' and body like '%\"ou_77\"%'") == 4)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 3_997)
  }

  @Test
  func `an answer that ends thousands of asks holds up no other, whatever people do meanwhile`()
    throws
  {
    let bench = try Bench()
    _ = try bench.intake.add((0..<3_000).map { .preview("hot", for: .people(["ou_\($0)"])) })
    bench.ask("cold", "ou_1")
    let machine = SlowMachine(bench.world, dice_ms: 0)
    var turns = 0
    var hadOtherFirst = false
    machine.onWait = {
      turns += 1
      // A person resumes an account repeatedly.
      #expect(throws: Never.self) {
        try bench.intake.db.execute("update worker set control = control + 1")
        let waiting = try bench.number(
          """
          select count(*) from lane join call on call.id = lane.call_id
          join ask on ask.lane = 'cold' and ask.outcome = 'delivered'
          where name = 'hot' and lane.calls = 1 and call.ended_ms is not null
          """)
        hadOtherFirst = hadOtherFirst || waiting > 0
      }
      if turns > 3_000 { bench.world.stopRequests = 2 }
    }
    try machine.run(bench)
    #expect(hadOtherFirst, "cold waited until all of hot was written down")
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 3_001)
  }
}
