import Chance
import Delivery
import Foundation
import Larkspur
import Planning
import Testing

/// Bugs that were fixed.
struct Regressions {
  @Test func `retried, an ask that died whole wants all it had not reached`() throws {
    let bench = try Bench()
    let people = (0..<9).map { "ou_\($0)" }
    bench.feishu.badTokens = ["a"]
    let ask = bench.ask("a", audience: .people(people))
    try bench.run()
    bench.feishu.badTokens = []
    let before = bench.feishu.arrivals.count
    _ = try Inspector(queue: bench.path).retry(.all(account: nil))
    try bench.run()
    let reached = bench.feishu.arrivals.dropFirst(before).flatMap { $0.people ?? [] }
    #expect(Set(reached) == Set(people))
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `a clock set back holds a delayed ask no longer than it was asked for`() throws {
    let bench = try Bench()
    let ask = bench.ask("a", after: 10_000)
    bench.world.wallOffset -= 3_600_000
    try bench.run(.stay, for: 120_000)
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `a row with a moment far off is folded like any other`() throws {
    let bench = try Bench()
    let asks = [bench.ask("a", after: 5), bench.ask("b", expiresIn: 60_000)]
    bench.tamper("update ask set asked_ms = 9223372036854775807 where id = \(asks[0])")
    bench.tamper("update ask set asked_ms = -9223372036854775807 where id = \(asks[1])")
    try bench.run()
    #expect(try bench.state(asks[0]) == .delivered)
    #expect(try bench.state(asks[1]) == .expired)
  }

  @Test func `the minute's budget outlives a restart of the machine`() throws {
    let bench = try Bench()
    bench.settings.limits[.preview, default: Preview.limits].append(
      Budget.Limit(10, per: .minutes(1)))
    for token in 0..<100 { bench.ask("t\(token)", "ou_1") }
    try bench.run()
    bench.world.boot = "boot-2"
    bench.world.now += 5_000
    bench.world.wallOffset += 3_600_000
    for token in 0..<100 { bench.ask("u\(token)", "ou_1") }
    try bench.run()
    let moments = bench.feishu.arrivals.map(\.at)
    #expect(moments.count == 20)
    #expect((moments.last ?? 0) - (moments.first ?? 0) >= 60_000)
  }

  @Test(arguments: 0..<10)
  func `runs that follow at once keep the second's budget whatever the way takes`(
    seed: UInt64
  ) throws {
    let bench = try Bench(seed: seed)
    bench.world.uplink_ms = 1...25
    bench.feishu.latency_ms = 0
    for round in 0..<6 {
      for token in 0..<50 { bench.ask("t\(round)-\(token)", "ou_1") }
      try bench.run()
    }
    #expect(bench.feishu.violations == [])
  }

  @Test func `many asks for one token do not store every step of their union`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { _, _ in .neverLeft("no") }
    let people = (0..<2_000).map { "ou_\(1_000_000 + $0)" }
    _ = try bench.intake.add(people.map { .preview("a", for: .people([$0])) })
    try bench.run(.stay, for: 3_000)
    #expect(try bench.number("select size from audience order by size desc limit 1") == 2_000)
    #expect(try bench.number("select sum(length(members)) from audience") < 500_000)
  }

  @Test func `two refused neighbours in a list do not condemn the token`() throws {
    let bench = try Bench()
    let people = (0..<100).map { "ou_\(1_000 + $0)" }
    bench.feishu.badPeople = [people[0], people[1]]
    bench.ask("a", audience: .people(people))
    try bench.run()
    let reached = bench.feishu.arrivals.filter(\.wasApplied).flatMap { $0.people ?? [] }
    #expect(Set(reached) == Set(people.dropFirst(2)))
    #expect(bench.feishu.violations == [])
  }

  @Test func `slow answers cost what nobody can know: when a call had arrived before them`() throws
  {
    let bench = try Bench()
    bench.ask("warm")
    bench.world.after(5_000) {
      bench.feishu.latency_ms = 4_000
      for token in 0..<400 { bench.ask("t\(token)", "ou_1") }
    }
    try bench.run(.stay, for: 30_000)
    let early = bench.feishu.arrivals.dropFirst().count { $0.at < bench.start + 15_000 }
    // Five in every 5 s: an answer takes 4 s, and the budget one more.
    #expect(early == 10, "\(early)")
    #expect(bench.feishu.violations == [])
  }

  @Test func `a run that should have emptied the queue says when time did not allow it`() throws {
    let bench = try Bench()
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    #expect(try bench.run(.untilEmpty, for: 5_000).leftBehind == "time is up")
    #expect(try bench.run(.untilEmpty).leftBehind == nil)
  }

  @Test func `once, with tokens that are refused, does not look like success`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(400, #"{"code":99991663,"msg":"invalid"}"#) }
    bench.ask("a")
    #expect(try bench.run(.once).leftBehind?.contains("99991663") == true)
  }

  @Test func `short runs whose tokens are refused park the account as one long run does`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(400, #"{"code":99991663,"msg":"invalid"}"#) }
    bench.ask("a")
    for _ in 0..<20 {
      try bench.run(.once)
      // Less than the 15 minutes after which a parked account is tried again.
      bench.world.now += 30_000
    }
    #expect(bench.feishu.arrivals.count == 5)
    #expect(
      try bench.number("select parked = 'credentials' from account where name = 'default'") == 1)
  }

  @Test func `without a name for the machine's start, short runs still deliver`() throws {
    let bench = try Bench()
    bench.world.boot = nil
    bench.ask("a", "ou_1")
    try bench.run(.once)
    let again = bench.ask("a", "ou_2")
    for _ in 0..<3 {
      bench.world.now += 60_000
      try bench.run(.once)
    }
    #expect(try bench.state(again) == .delivered)
    #expect(bench.feishu.violations == [])
  }

  @Test func `a refusal of one lane by 404 with a code does not park the account`() throws {
    let bench = try Bench()
    bench.feishu.tokenFaults["poison"] = .answer(404, #"{"code":230099}"#)
    bench.ask("poison")
    for second in 1...60 { bench.ask("t\(second)", "ou_1", after: second * 1_000) }
    let result = try bench.run(.stay, for: 120_000)
    #expect(result.parked.isEmpty && result.asksDied == 1)
    #expect(bench.feishu.arrivals.count { $0.tokens == ["poison"] } == 4)
  }

  @Test func `an ask that joins a lane about to be given up has attempts of its own`() throws {
    let bench = try Bench()
    var second = 0
    bench.feishu.tokenFaults["a"] = .answer(500, #"{"code":2200}"#)
    bench.ask("a", "ou_1")
    for turn in 1...600 { bench.ask("t\(turn)", "ou_1", after: turn * 3_000) }
    var calls = 0
    bench.feishu.fault = { [unowned bench] _, _ in
      calls = bench.feishu.arrivals.count { $0.tokens == ["a"] }
      if calls == 7 && second == 0 { bench.world.after(100) { second = bench.ask("a", "ou_2") } }
      if calls == 9 { bench.feishu.tokenFaults = [:] }
      return nil
    }
    try bench.run()
    #expect(try bench.state(second) == .delivered)
  }

  @Test func `a token that is dead on arrival is no token`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { _, _ in
      let body = #"{"code":0,"tenant_access_token":"t","expire":0}"#
      return .answered(RawAnswer(status: 200, body: Array(body.utf8)))
    }
    bench.ask("a")
    let result = try bench.run(.once)
    #expect(result.leftBehind?.contains("no access token") == true)
    #expect(bench.feishu.tokenRequests < 10)
  }

  @Test func `a lane that expired unsent is not forgotten before its asks are`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { _, _ in .neverLeft("no") }
    bench.ask("a", expiresIn: 3_000)
    try bench.run(.stay, for: 10_000)
    bench.world.now += 3_700_000
    try bench.run(.once)
    #expect(try bench.number("select count(*) from lane") == 1)
  }

  @Test func `an hour of failures costs no lane its life`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, at in
      at < bench.start + 3_600_000 ? .answer(502, "<html>bad gateway</html>") : nil
    }
    let asks = (0..<4).map { bench.ask("t\($0)", "ou_\($0)") }
    bench.world.after(3_700_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    for ask in asks { #expect(try bench.state(ask) == .delivered) }
    #expect(bench.feishu.arrivals.count < 150)
  }

  @Test func `forgetting history does not forget the budget`() throws {
    let bench = try Bench()
    bench.world.wallOffset = Int(Date().timeIntervalSince1970 * 1_000) - bench.world.now
    for round in 0..<2 {
      for token in 0..<50 { bench.ask("t\(round)-\(token)", "ou_1") }
      try bench.run()
      _ = try Inspector(queue: bench.path).prune(olderThan_ms: 0) { _ in true }
    }
    #expect(bench.feishu.violations == [])
  }

  @Test func `once, with calls that fail, does not look like success`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(200, "<html>not Feishu</html>") }
    bench.ask("a")
    #expect(try bench.run(.once).leftBehind != nil)
  }

  @Test func `calls refused together are one failure`() throws {
    let bench = try Bench()
    bench.world.dice = Dice(3)
    bench.feishu.fault = { call, _ in call <= 5 ? .answer(429, #"{"code":99991400}"#) : nil }
    for token in 0..<100 { bench.ask("t\(token)", "ou_1") }
    try bench.run()
    let gap = bench.feishu.arrivals[5].at - bench.feishu.arrivals[4].at
    #expect(gap <= 2_100, "\(gap) ms")
  }
}

/// A machine that stalls between recording a call and sending it, and then loses its worker.
struct LateSending {
  private final class Stalling: World {
    let inner: SimulatedWorld
    var stall = 0
    private(set) var sent = 0

    init(_ inner: SimulatedWorld) { self.inner = inner }

    func clocks() -> ClockReading {
      let reading = inner.clocks()
      // The clock is read before and after the transaction; the machine sleeps in between.
      if readings > 0 {
        readings -= 1
        if readings == 0 { inner.now += stall }
      }
      return reading
    }
    var readings = 0

    func random() -> UInt64 { inner.random() }
    func forgetWrites() {}
    var stopRequests: Int { inner.stopRequests }
    func progress() { inner.progress() }
    func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
      if request.bearer != nil { sent += 1 }
      inner.send(request, tag: tag, earliest: earliest, latest: latest)
    }
    func wait(milliseconds: Int) -> [WorldEvent] { inner.wait(milliseconds: milliseconds) }
  }

  private func run(_ bench: Bench, _ goal: WorkMode.Goal, stallAt reading: Int) throws -> WorkResult
  {
    let world = Stalling(bench.world)
    bench.feishu.tokenAnswer = { _, _ in
      world.stall = 12_000
      world.readings = reading
      return AccessTokens.token("t-1")
    }
    let worker = Worker(
      store: try WorkerStore(queue: bench.path), world: world, accounts: [bench.settings],
      mode: WorkMode(goal: goal), callTimeout: 10_000,
      readSecret: { _ in .success("s") }, report: { _ in })
    return try worker.run()
  }

  @Test(arguments: 1...12)
  func `a machine that was too slow to send is not told as a host that cannot be reached`(
    reading: Int
  ) throws {
    let bench = try Bench()
    let ask = bench.ask("a", "ou_1")
    let result = try run(bench, .once, stallAt: reading)
    #expect(result.unreachable == nil)
    #expect(try bench.state(ask) == .delivered)
    #expect(try bench.number("select count(*) from budget where paused_ms > 0") == 0)
  }

  @Test(arguments: 1...12)
  func `a call that is too late for its charge is not made`(reading: Int) throws {
    let bench = try Bench()
    let ask = bench.ask("a", "ou_1")
    _ = try run(bench, .untilEmpty, stallAt: reading)
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.count == 1)
    // It may have left at any time, but no later after its claim than it is charged for.
    #expect(
      try bench.number("select max(sent_ms - started_ms) from call where sent_ms is not null")
        <= 12_000)
  }
}
